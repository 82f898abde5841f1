package op

// Input returns the place of the picture: h rows of w pixels, px int16 each;
// the first value of row y is arena[off+y*row].
func (p *Plan) Input() (off, row, px int) {
	v := p.views[0]
	return v.off, v.row, v.px
}

// Tensor returns the dense values of a kept tensor with its pixel stride. It
// panics if the plan does not compute the tensor.
func (p *Plan) Tensor(arena []int16, t int) (values []int16, px int) {
	v := p.views[t]
	if !p.placed[t] || !v.dense() {
		panic("op: tensor is not in the plan")
	}
	return v.slice(arena), v.px
}

// Channels is the number of channels of a tensor of the plan.
func (p *Plan) Channels(t int) int { return p.views[t].c }
