package convert

import "likeness/tools/convert/nd"

// recognise replaces spellings of one operator in several by that operator.
func recognise(g *nd.Graph, nodes []nd.Node) ([]nd.Node, error) { return nodes, nil }
