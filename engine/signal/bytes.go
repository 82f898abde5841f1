package signal

// maxPlotted bounds the bytes that are plotted; of a larger file the first are.
const maxPlotted = maxCells

// bytesPicture plots a file's bytes, a pixel each, row by row; what is left of
// the last row is black. Width 0 is Nataraj's choice by the size of the file.
func bytesPicture(data []byte, width int) *Gray {
	if width == 0 {
		width = plotWidth(len(data))
	}
	data = data[:min(len(data), maxPlotted)]
	g := newGray(width, (len(data)+width-1)/width)
	copy(g.Pix, data)
	return g
}

// plotWidth is table 1 of Nataraj et al., Malware Images (VizSec 2011).
func plotWidth(size int) int {
	for _, t := range []struct{ below, width int }{{10, 32}, {30, 64}, {60, 128}, {100, 256}, {200, 384}, {500, 512}, {1000, 768}} {
		if size < t.below*1000 {
			return t.width
		}
	}
	return 1024
}
