// Package samples makes sounds, time series and texts to try likeness with, by
// formulas and a seed: the same bytes everywhere, and nobody's.
package samples

import (
	"fmt"
	"iter"
)

// Each is how many files a kind has.
const Each = 12

// kind is a kind of file, made of chance.
type kind struct {
	name string
	make func(d *dice) []byte
}

// Files are sounds/KIND/KIND-N.wav of eight kinds, series/KIND/KIND-N.csv of
// six and texts/KIND/KIND-N.txt of four, with their bytes.
func Files() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for _, set := range []struct {
			folder, ext string
			kinds       []kind
		}{{"sounds", "wav", sounds}, {"series", "csv", series}, {"texts", "txt", texts}} {
			for k, one := range set.kinds {
				for i := range Each {
					name := fmt.Sprintf("%s/%s/%s-%d.%s", set.folder, one.name, one.name, i+1, set.ext)
					if !yield(name, one.make(newDice(k, i))) {
						return
					}
				}
			}
		}
	}
}
