package convert

import (
	"fmt"
)

// gather reorders the channels of a tensor: channel i of the result is channel
// from[i] of t.
func (l *lowering) gather(t int, from []int) (int, error) {
	return 0, l.unsupported("", "its input has its channels in another order")
}

// move brings a value into an order that takes more than reordering channels.
func (l *lowering) move(v *view, h, w, c []atom) (int, []int, error) {
	return 0, nil, l.unsupported("", fmt.Sprintf("its input of shape %v lies in memory in an order that the engine cannot change", v.shape()))
}
