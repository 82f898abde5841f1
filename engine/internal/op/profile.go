package op

import "time"

// StepTime is how long one operator took.
type StepTime struct {
	Node   int    // index into Graph.Nodes
	Kernel string // the routine that ran, such as "winograd"
	Time   time.Duration
}

// Profile executes the plan once, as Run does, and adds what each step took to
// times, which is nil or a former result.
func (p *Plan) Profile(arena []int16, times []StepTime) []StepTime {
	if times == nil {
		times = make([]StepTime, len(p.steps))
		for i, s := range p.steps {
			times[i] = StepTime{Node: p.nodes[i], Kernel: kernelName(s)}
		}
	}
	for i, s := range p.steps {
		start := time.Now()
		s.run(arena)
		times[i].Time += time.Since(start)
	}
	return times
}

// kernelName names the routine of a step, for people.
func kernelName(s step) string {
	switch s := s.(type) {
	case *winogradStep:
		return "winograd"
	case *depthwiseStep:
		return "depthwise"
	case *convStep:
		if s.w.Taps() == 1 {
			return "product"
		}
		return "direct"
	case *groupedStep:
		return "grouped"
	case *fcStep:
		return "vector"
	}
	return ""
}
