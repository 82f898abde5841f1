package engine

import (
	"time"

	"likeness/engine/internal/op"
)

// LayerTime is what one layer of a session takes.
type LayerTime struct {
	Layer
	Kernel string // the routine that ran, such as "winograd"; "" is the operator's only one
	Time   time.Duration
}

// Profile runs the network some times on the picture of the last Run and
// returns the mean time of each layer that the session computes.
func (s *Session) Profile(runs int) ([]LayerTime, error) {
	if !s.ran {
		return nil, &Error{Code: CodeNotRun, Msg: "the session has not run on a picture yet"}
	}
	var times []op.StepTime
	for range runs {
		times = s.plan.Profile(s.arena, times)
	}
	layers := make([]LayerTime, len(times))
	for i, t := range times {
		layers[i] = LayerTime{s.net.layers[t.Node], t.Kernel, t.Time / time.Duration(runs)}
	}
	return layers, nil
}
