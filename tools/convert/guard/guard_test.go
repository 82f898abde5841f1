package guard_test

import (
	"errors"
	"strings"
	"testing"

	"likeness/tools/convert/guard"
)

var index = 5

func TestRemedy(t *testing.T) {
	bare := errors.New("holds NaN")
	if err := guard.Remedy(bare, "export it again"); err.Error() != "holds NaN: export it again" || !errors.Is(err, bare) {
		t.Error(err)
	}
	for _, told := range []error{nil, errors.New("cut off: download it again"), errors.New("see --size")} {
		if err := guard.Remedy(told, "nothing"); err != told {
			t.Error(err)
		}
	}
}

func TestRun(t *testing.T) {
	if err := guard.Run(func() error { return nil }); err != nil {
		t.Error(err)
	}
	plain := errors.New("plain")
	if err := guard.Run(func() error { return plain }); err != plain {
		t.Error(err)
	}
	for name, work := range map[string]func() error{
		"index": func() error { return []error{nil}[index] },
		"text":  func() error { panic("two\nlines \x1b[2J") },
		"another goroutine": func() error {
			var g guard.Group
			for range 4 {
				g.Go(func() { _ = []int{1}[index] })
			}
			g.Wait()
			return nil
		},
		"nil": func() error { var m map[string]int; put(m); return nil },
	} {
		err := guard.Run(work)
		var f *guard.Fault
		if !errors.As(err, &f) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range []string{"guard_test.go:", "report it to its authors with the file"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q does not hold %q", name, err, want)
			}
		}
		if strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%s: %q is not one plain line", name, err)
		}
	}
}

// put hides from vet that m is nil.
func put(m map[string]int) { m["a"] = 1 }
