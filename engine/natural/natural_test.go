package natural

import (
	"slices"
	"testing"
)

func TestCompare(t *testing.T) {
	ordered := []string{"", "1.jpg", "02.jpg", "2.jpg", "10.jpg", "Rose 1", "Rose 10", "rose", "rose 2a", "rose 2b", "rose 10", "rose/1", "ä"}
	for i, a := range ordered {
		for j, b := range ordered {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := Compare(a, b); got != want {
				t.Errorf("Compare(%q, %q) is %d, want %d", a, b, got, want)
			}
		}
	}
	shuffled := []string{"b10", "b2", "a"}
	slices.SortFunc(shuffled, Compare)
	if !slices.Equal(shuffled, []string{"a", "b2", "b10"}) {
		t.Errorf("sorted: %v", shuffled)
	}
}
