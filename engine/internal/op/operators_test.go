package op

import (
	"testing"

	"likeness/engine/graph"
)

// TestOperatorTable: every operator of the graph runs, and no other.
func TestOperatorTable(t *testing.T) {
	for _, name := range graph.Operators {
		if operators[name].step == nil {
			t.Errorf("no kernel runs %s", name)
		}
	}
	if len(operators) != len(graph.Operators) {
		t.Errorf("%d operators run, the graph has %d", len(operators), len(graph.Operators))
	}
}
