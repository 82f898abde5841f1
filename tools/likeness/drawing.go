package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"likeness/engine/natural"
	"likeness/engine/vectors"
)

// drawing is a map as points of a picture. All measures are pixels, rounded to
// 1/64, so that both formats are the same everywhere.
type drawing struct {
	width, height int
	radius        float64
	points        []point
	legend        []entry // by label; empty where all points are of one folder
	left          float64 // of the legend
}

type point struct {
	x, y  float64
	entry int // of the legend
	name  string
}

// entry is a folder of pictures.
type entry struct {
	label  string
	colour [3]byte
	square bool
}

const (
	margin     = 24
	lineHeight = 20
	textWidth  = 8 // of a character of the legend; wide ones have two
	mostLabel  = 32
	// opacity of points, of 255, so that those behind are seen.
	opacity = 216
)

// tints is told apart with the common kinds of colour blindness in its first
// eight (Okabe and Ito 2008, without yellow, which is faint on white).
var tints = [][3]byte{
	{0x00, 0x72, 0xb2}, {0xe6, 0x9f, 0x00}, {0x00, 0x9e, 0x73}, {0xd5, 0x5e, 0x00}, {0xcc, 0x79, 0xa7}, {0x56, 0xb4, 0xe9},
	{0x33, 0x33, 0x33}, {0x8c, 0x6b, 0x1f}, {0x7b, 0x3f, 0xa0}, {0xb0, 0x1e, 0x3c}, {0x5a, 0x8f, 0x29}, {0x1f, 0x3f, 0x8f},
}

var otherColour = [3]byte{0xa6, 0xa6, 0xa6}

// newDrawing lays a map of two dimensions out, with the same scale both ways.
func newDrawing(f *mapFlags, names []string, coords []float32) *drawing {
	d := &drawing{width: f.width, height: f.height, radius: f.point / 2}
	if f.point == 0 {
		area := float64(f.width) * float64(f.height)
		d.radius = min(max(math.Sqrt(float64(0.012*area)/float64(len(names))), 1.25), 6)
	}
	d.radius = snap(d.radius)
	of := d.fold(names, (f.height-2*margin)/lineHeight)
	right := float64(f.width - margin)
	if len(d.legend) > 0 {
		most := 0
		for _, e := range d.legend {
			most = max(most, columns(e.label))
		}
		d.left = float64(max(f.width-margin-lineHeight-most*textWidth, f.width/2))
		right = d.left - margin
	}
	d.place(names, coords, of, right)
	return d
}

// place fits the points in what the legend leaves.
func (d *drawing) place(names []string, coords []float32, of []int, right float64) {
	var lo, hi [2]float64
	for k := range lo {
		lo[k], hi[k] = math.Inf(1), math.Inf(-1)
		for i := k; i < len(coords); i += 2 {
			lo[k], hi[k] = min(lo[k], float64(coords[i])), max(hi[k], float64(coords[i]))
		}
	}
	edge := margin + d.radius
	w, h := right-edge-d.radius, float64(d.height)-2*edge
	scale := min(w/max(hi[0]-lo[0], 1e-30), h/max(hi[1]-lo[1], 1e-30))
	offX := edge + (w-float64(scale*(hi[0]-lo[0])))/2
	offY := edge + (h-float64(scale*(hi[1]-lo[1])))/2
	for i, name := range names {
		x, y := float64(coords[2*i])-lo[0], hi[1]-float64(coords[2*i+1]) // up is more
		d.points = append(d.points, point{snap(offX + float64(scale*x)), snap(offY + float64(scale*y)), of[i], name})
	}
}

func snap(x float64) float64 { return math.Round(x*64) / 64 }

// fold makes the legend, of up to rows folders, and returns the entry of each
// name.
func (d *drawing) fold(names []string, rows int) []int {
	most := min(2*len(tints), rows)
	labels := foldersOf(names, most)
	count := map[string]int{}
	for _, l := range labels {
		count[l]++
	}
	of := make([]int, len(names))
	if len(count) < 2 {
		d.legend = nil
		return of
	}
	kept := make([]string, 0, len(count))
	for l := range count {
		kept = append(kept, l)
	}
	slices.SortFunc(kept, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), natural.Compare(a, b)) })
	others := 0
	if len(kept) > most {
		others = len(kept) - (most - 1)
		kept = kept[:most-1]
	}
	slices.SortFunc(kept, natural.Compare)
	at := map[string]int{}
	for i, l := range kept {
		at[l] = i
		d.legend = append(d.legend, entry{shorten(vectors.EscapeName(l)), tints[i%len(tints)], i >= len(tints)})
	}
	if others > 0 {
		d.legend = append(d.legend, entry{fmt.Sprintf("%d other folders", others), otherColour, false})
	}
	for i, l := range labels {
		var ok bool
		if of[i], ok = at[l]; !ok {
			of[i] = len(kept)
		}
	}
	return of
}

// foldersOf returns the folder of each name below the one that all have in
// common; only its first part where there are more than most otherwise.
func foldersOf(names []string, most int) []string {
	dirs := make([][]string, len(names))
	var common []string
	for i, name := range names {
		parts := strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == '\\' })
		dirs[i] = parts[:max(len(parts)-1, 0)]
		if i == 0 {
			common = dirs[0]
		}
		same := 0
		for same < min(len(common), len(dirs[i])) && common[same] == dirs[i][same] {
			same++
		}
		common = common[:same]
	}
	whole, firsts := make([]string, len(names)), make([]string, len(names))
	all, some := map[string]bool{}, map[string]bool{}
	for i, dir := range dirs {
		whole[i], firsts[i] = ".", "."
		if rest := dir[len(common):]; len(rest) > 0 {
			whole[i], firsts[i] = strings.Join(rest, "/"), rest[0]
		}
		all[whole[i]], some[firsts[i]] = true, true
	}
	if len(all) > most && len(some) > 1 {
		return firsts
	}
	return whole
}

// columns is the width of a text in characters; those of East Asia are twice as
// wide.
func columns(s string) (n int) {
	for _, r := range s {
		n++
		if r >= 0x1100 {
			n++
		}
	}
	return n
}

// shorten leaves out the middle of a long label.
func shorten(s string) string {
	if columns(s) <= mostLabel {
		return s
	}
	const half = (mostLabel - 3) / 2
	head, tail := s, s
	for columns(head) > half {
		_, n := utf8.DecodeLastRuneInString(head)
		head = head[:len(head)-n]
	}
	for columns(tail) > half {
		_, n := utf8.DecodeRuneInString(tail)
		tail = tail[n:]
	}
	return head + "..." + tail
}
