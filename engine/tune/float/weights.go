package float

// place is where weight k of output channel o of a convolution lies in its
// parameters; k runs over rows, columns and channels of the filter, as in a
// model file.
func (v *conv) place(o, k int) int {
	g := o / v.out
	row := k/v.in*v.inPx + k%v.in
	if v.full { // k runs over what x has, without padding
		row = k/v.x.C*v.x.Px + k%v.x.C
	}
	return g*v.depth*v.outPx + row*v.outPx + o%v.out
}

// filter is how many weights an output channel has in a model file.
func (v *conv) filter() int {
	if v.full {
		return v.x.H * v.x.W * v.x.C
	}
	return v.window.taps() * v.in
}

func (v *conv) set(weight, bias []float32) {
	per := v.filter()
	for o, b := range bias {
		for k := range per {
			v.param.Value[v.place(o, k)] = weight[o*per+k]
		}
		v.param.Value[v.param.Weights+o/v.out*v.outPx+o%v.out] = b
	}
}

func (v *conv) get() (weight, bias []float32) {
	per, outputs := v.filter(), v.groups*v.out
	weight, bias = make([]float32, per*outputs), make([]float32, outputs)
	for o := range bias {
		for k := range per {
			weight[o*per+k] = v.param.Value[v.place(o, k)]
		}
		bias[o] = v.param.Value[v.param.Weights+o/v.out*v.outPx+o%v.out]
	}
	return weight, bias
}

func (v *depthwise) set(weight, bias []float32) {
	taps := v.window.taps()
	for c, b := range bias {
		for t := range taps {
			v.param.Value[t*v.x.Px+c] = weight[c*taps+t]
		}
		v.param.Value[v.param.Weights+c] = b
	}
}

func (v *depthwise) get() (weight, bias []float32) {
	taps := v.window.taps()
	weight, bias = make([]float32, taps*v.x.C), make([]float32, v.x.C)
	for c := range bias {
		for t := range taps {
			weight[c*taps+t] = v.param.Value[t*v.x.Px+c]
		}
		bias[c] = v.param.Value[v.param.Weights+c]
	}
	return weight, bias
}
