package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"

	"likeness/engine"
	"likeness/engine/explain"
	"likeness/engine/picture"
	"likeness/tools/output"
	"likeness/tools/regular"
)

var explainCommand = command{
	name:    "explain",
	summary: "tell which places of two pictures made them alike, and draw them",
	usage:   "[flags] A B",
	example: "likeness explain -o why.png cat.jpg dog.jpg\nlikeness explain --json cat.jpg dog.jpg",
	run:     (*app).explain,
}

// explained is what explain prints as JSON.
type explained struct {
	Model string    `json:"model"`
	Layer string    `json:"layer"`
	Pool  string    `json:"pool"`
	Score float64   `json:"score"` // cosine
	Shape [3]int    `json:"shape"` // H, W, C of the layer
	A     []float64 `json:"a"`     // part of each place, row by row: sums to score
	B     []float64 `json:"b"`
	Pairs []pairOf  `json:"strongest"`
}

// pairOf is a pair of cells, by row and column, and its part of the score.
type pairOf struct {
	A    [2]int  `json:"a"`
	B    [2]int  `json:"b"`
	Part float64 `json:"part"`
}

// strongestPairs is how many pairs are named and joined by lines.
const strongestPairs = 8

func (a *app) explain(fs *flag.FlagSet, args []string) (int, error) {
	var f embedFlags
	fs.StringVar(&f.model, "model", "", "`MODEL` file, or its name in models/ (default: the best there)")
	fs.StringVar(&f.layer, "layer", "", "`LAYER` to compare (default: the model's)")
	fs.StringVar(&f.pool, "pool", "avg", "avg, max or flatten")
	fs.StringVar(&f.resize, "resize", "", "as likeness embed has it, tiles excepted (default: the model's)")
	fs.StringVar(&f.out, "o", "", "`FILE.png` to draw both pictures to, with the parts of their places")
	fs.BoolVar(&f.json, "json", false, "print JSON")
	paths, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	if len(paths) != 2 {
		return exitFatal, usagef("two pictures are wanted, %d are given", len(paths))
	}
	pool, err := engine.ParsePool(f.pool)
	if err != nil {
		return exitFatal, usagef("%v", err)
	}
	m, err := loadModel(f.model)
	if err != nil {
		return exitFatal, err
	}
	s, err := m.setting(&f, pool)
	if err != nil {
		return exitFatal, err
	}
	var maps [2]*engine.FeatureMap
	var seen [2]*image.RGBA
	for i, path := range paths {
		if maps[i], seen[i], err = m.look(path, s); err != nil {
			return exitFatal, fmt.Errorf("%v", failed(path, err))
		}
	}
	r, err := explain.Compare(maps[0], maps[1], pool)
	if err != nil {
		return exitFatal, err
	}
	if f.out != "" {
		if err := output.Distinct([]string{f.out}, output.Inputs{What: "picture", Paths: paths}, output.Inputs{What: "model", Paths: []string{m.path}}); err != nil {
			return exitFatal, fmt.Errorf("%w with -o", err)
		}
		if err := writeExplained(f.out, r, seen); err != nil {
			return exitFatal, err
		}
	}
	return exitOK, a.printExplained(r, s, f.json)
}

// look reads a picture: its feature map, and the part that the network sees.
func (m *loaded) look(path string, s setting) (*engine.FeatureMap, *image.RGBA, error) {
	data, _, err := regular.Read(path, maxPicture)
	if err != nil {
		return nil, nil, err
	}
	session, err := m.net.NewSession(s.Layer)
	if err != nil {
		return nil, nil, err
	}
	if err := session.Resize(s.Prepare.Resize); err != nil {
		return nil, nil, err
	}
	p, err := picture.Open(data, picture.DefaultLimits)
	if err != nil {
		return nil, nil, err
	}
	if err := session.RunPicture(p); err != nil {
		return nil, nil, err
	}
	fm, err := session.FeatureMap(s.Layer)
	if err != nil {
		return nil, nil, err
	}
	const side = 480
	prep := s.Prepare.Enlarged(max(side/max(s.Prepare.Width, s.Prepare.Height), 1))
	pr, err := picture.NewPreparer(prep, 1, 3)
	if err != nil {
		return nil, nil, err
	}
	if p, err = picture.Open(data, picture.DefaultLimits); err != nil {
		return nil, nil, err
	}
	if err := pr.LoadPicture(p); err != nil {
		return nil, nil, err
	}
	return fm, rgba(pr.RGB(), prep.Width, prep.Height), nil
}

func (a *app) printExplained(r *explain.Result, s setting, asJSON bool) error {
	strongest := r.Strongest(strongestPairs)
	pairs := make([]pairOf, len(strongest))
	cell := func(i int) [2]int { return [2]int{i / r.Grid[1], i % r.Grid[1]} }
	for i, p := range strongest {
		pairs[i] = pairOf{cell(p.A), cell(p.B), p.Part}
	}
	if asJSON {
		return json.NewEncoder(a.text()).Encode(explained{s.Model, s.Layer, s.Pool, r.Score, r.Shape, r.A, r.B, pairs})
	}
	sum := func(parts []float64) (total float64) {
		for _, p := range parts {
			total += p
		}
		return total
	}
	w := a.text()
	fmt.Fprintf(w, "score %.4f (%s, %s of %s)\n", r.Score, s.Model, s.Pool, s.Layer)
	fmt.Fprintf(w, "the parts of the %d places of the first picture sum to %.4f, of the second to %.4f\n", len(r.A), sum(r.A), sum(r.B))
	for _, p := range pairs {
		fmt.Fprintf(w, "%.4f  row %d, column %d  with  row %d, column %d\n", p.Part, p.A[0], p.A[1], p.B[0], p.B[1])
	}
	return nil
}

// writeExplained draws both pictures side by side, warm where a place made them
// alike, blue where it made them less so, and lines between the pairs that add
// most.
func writeExplained(path string, r *explain.Result, seen [2]*image.RGBA) error {
	const gap = 40
	w, h := seen[0].Rect.Dx(), seen[0].Rect.Dy()
	img := image.NewRGBA(image.Rect(0, 0, 2*w+gap, h))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	most := 0.0
	for _, v := range append(r.A[:len(r.A):len(r.A)], r.B...) {
		most = max(most, math.Abs(v))
	}
	for i, parts := range [2][]float64{r.A, r.B} {
		left := i * (w + gap)
		for y := range h {
			for x := range w {
				place := y*r.Shape[0]/h*r.Shape[1] + x*r.Shape[1]/w
				img.SetRGBA(left+x, y, heated(seen[i].RGBAAt(x, y), parts[place], most))
			}
		}
	}
	centre := func(cell, left int) (x, y int) {
		row, column := cell/r.Grid[1], cell%r.Grid[1]
		x = left + min((2*column+1)*r.Step*w/(2*r.Shape[1]), w-1)
		return x, min((2*row+1)*r.Step*h/(2*r.Shape[0]), h-1)
	}
	for _, p := range r.Strongest(strongestPairs) {
		x1, y1 := centre(p.A, 0)
		x2, y2 := centre(p.B, w+gap)
		line(img, x1, y1, x2, y2)
	}
	return writePNG(path, img)
}

// writePNG writes a drawing as -o has it.
func writePNG(path string, img image.Image) error {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return err
	}
	var set output.Set
	defer set.Discard()
	f, err := set.Create(path, pngKind)
	if err != nil {
		return fmt.Errorf("%w with -o", err)
	}
	if _, err := f.Write(marked(b.Bytes())); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, cause(err))
	}
	return set.Commit()
}

// pngKind are drawings of this program.
var pngKind = output.Kind{Name: "a drawing", Is: isMapPNG}

// heated mixes a pixel with the colour of a part.
func heated(c color.RGBA, part, most float64) color.RGBA {
	if most == 0 {
		return c
	}
	t := math.Abs(part) / most
	warm := [3]float64{255, 200 * t, 40}
	if part < 0 {
		warm = [3]float64{40, 110, 255}
	}
	mix := func(was uint8, to float64) uint8 { return uint8(float64(was) + (to-float64(was))*t*.6) }
	return color.RGBA{mix(c.R, warm[0]), mix(c.G, warm[1]), mix(c.B, warm[2]), 255}
}

// line draws a line three pixels wide (Bresenham).
func line(img *image.RGBA, x1, y1, x2, y2 int) {
	dx, dy := max(x2-x1, x1-x2), -max(y2-y1, y1-y2)
	sx, sy, e := 1, 1, dx+dy
	if x1 > x2 {
		sx = -1
	}
	if y1 > y2 {
		sy = -1
	}
	for {
		for oy := -1; oy <= 1; oy++ {
			for ox := -1; ox <= 1; ox++ {
				img.SetRGBA(x1+ox, y1+oy, color.RGBA{15, 118, 110, 255})
			}
		}
		if x1 == x2 && y1 == y2 {
			return
		}
		twice := 2 * e
		if twice >= dy {
			e, x1 = e+dy, x1+sx
		}
		if twice <= dx {
			e, y1 = e+dx, y1+sy
		}
	}
}
