//go:build unix

// Command decode times the way of a 12-megapixel JPEG to a network's input
// beside Go's image/jpeg and Pillow: make bench-decode. Each takes its turn, on
// one core; the figures are CPU milliseconds a photo, the least of the rounds.
//
// Pillow is used if /usr/bin/python3 has it (Debian: python3-pil): whole, and
// with draft, which decodes at a reduced scale as this project does.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"image/jpeg"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"likeness/engine/picture"
)

func main() {
	samples := flag.String("samples", "dist/samples", "`FOLDER` of small pictures that photos are made of")
	count := flag.Int("count", 20, "`PHOTOS` to make")
	rounds := flag.Int("rounds", 3, "`TIMES` that each way takes its turn")
	flag.Parse()
	if err := run(*samples, *count, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "decode:", err)
		os.Exit(1)
	}
}

// way is one of those compared: what it costs to decode all photos once.
type way struct {
	name string
	all  func() (time.Duration, error)
	best time.Duration
}

func run(samples string, count, rounds int) error {
	runtime.GOMAXPROCS(1)
	photos, err := makePhotos(samples, count)
	if err != nil {
		return err
	}
	least, most, sum := len(photos[0]), 0, 0
	for _, p := range photos {
		least, most, sum = min(least, len(p)), max(most, len(p)), sum+len(p)
	}
	fmt.Printf("%d JPEGs of %d x %d, %.1f MB (%.1f to %.1f); CPU ms a photo, the least of %d rounds\n",
		len(photos), photoWidth, photoHeight, float64(sum)/float64(len(photos))/1e6, float64(least)/1e6, float64(most)/1e6, rounds)
	ways := []*way{
		{name: "likeness, input of 160 x 160", all: ours(photos, 160)},
		{name: "likeness, input of 224 x 224", all: ours(photos, 224)},
		{name: "image/jpeg, without colour", all: goJPEG(photos)},
	}
	p, err := startPillow(photos)
	if err == nil {
		defer p.close()
		ways = append(ways, &way{name: "Pillow, whole", all: p.ask("whole")}, &way{name: "Pillow, draft at 1/8", all: p.ask("draft")})
	} else {
		fmt.Println("without Pillow:", err)
	}
	for range rounds {
		for _, w := range ways {
			spent, err := w.all()
			if err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
			if w.best == 0 || spent < w.best {
				w.best = spent
			}
		}
	}
	last := ways[len(ways)-1].best
	for _, w := range ways {
		fmt.Printf("%-30s %7.1f  %5.2f of the last row\n", w.name, float64(w.best.Microseconds())/1e3/float64(len(photos)), float64(w.best)/float64(last))
	}
	return nil
}

// cpu is the time that this process has spent on its cores.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// timed makes a way of what is done with one photo.
func timed(photos [][]byte, one func(photo []byte) error) func() (time.Duration, error) {
	return func() (time.Duration, error) {
		runtime.GC()
		from := cpu()
		for _, photo := range photos {
			if err := one(photo); err != nil {
				return 0, err
			}
		}
		return cpu() - from, nil
	}
}

// ours is the whole way from the file to the network's input.
func ours(photos [][]byte, side int) func() (time.Duration, error) {
	p, err := picture.Preset("tf")
	if err != nil {
		panic(err)
	}
	p.Width, p.Height, p.Side = side, side, side*8/7
	pr, err := picture.NewPreparer(p, 1, 4)
	if err != nil {
		panic(err)
	}
	input := make([]int16, side*side*4)
	return timed(photos, func(photo []byte) error {
		pic, err := picture.Open(photo, picture.DefaultLimits)
		if err != nil {
			return err
		}
		if err := pr.LoadPicture(pic); err != nil {
			return err
		}
		pr.Tile(input, 0)
		return nil
	})
}

func goJPEG(photos [][]byte) func() (time.Duration, error) {
	return timed(photos, func(photo []byte) error {
		_, err := jpeg.Decode(bytes.NewReader(photo))
		return err
	})
}

func sampleFiles(folder string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.jpg"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s holds no .jpg: make build puts the sample pictures there", folder)
	}
	return files, err
}
