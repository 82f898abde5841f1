package graph

// ReceptiveFields gives, for each tensor, how many pixels of the picture one of
// its values can depend on, along height and width: at most the whole picture.
func (g *Graph) ReceptiveFields() [][2]int {
	picture := g.Tensors[0].Shape
	fields := make([][2]int, len(g.Tensors))
	jumps := make([][2]float64, len(g.Tensors)) // pixels between neighbouring values
	fields[0], jumps[0] = [2]int{1, 1}, [2]float64{1, 1}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		out := g.Tensors[n.Output].Shape
		for _, t := range n.Inputs {
			in := g.Tensors[t].Shape
			for a := range 2 {
				field, jump := float64(fields[t][a]), jumps[t][a]
				if r := ruleOf(n.Op); r != nil && r.field != nil {
					field, jump = r.field(n, in, out, a, field, jump)
				}
				fields[n.Output][a] = max(fields[n.Output][a], int(min(field, float64(picture[a]))))
				jumps[n.Output][a] = max(jumps[n.Output][a], jump)
			}
		}
	}
	return fields
}
