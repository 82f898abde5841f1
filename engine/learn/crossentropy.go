package learn

import "likeness/engine/internal/portable"

// negligible derivatives are taken for 0: below about 1e-38 processors take
// many times as long for a product.
const negligible = 1e-30

// SoftmaxLoss turns logits of one vector, z[:classes], into the derivative of
// weight times the cross-entropy with the wanted class: weight * (softmax -
// wanted), where the wanted class has 1 - smoothing + smoothing/classes and
// others smoothing/classes. It returns the loss, and whether the wanted class
// has the largest logit (the first of the largest counts). probabilities is
// room for len(z) numbers. Logits past classes are set to 0.
func SoftmaxLoss(z []float32, classes, wanted int, weight, smoothing float64, probabilities []float64) (loss float64, right bool) {
	top := 0
	for c, v := range z[:classes] {
		if v > z[top] {
			top = c
		}
	}
	sum, mean := 0.0, 0.0
	for c, v := range z[:classes] {
		d := float64(v) - float64(z[top])
		probabilities[c] = portable.Exp(d)
		sum += probabilities[c]
		mean += d
	}
	// -log p(c) = log(sum) - d(c), weighed by what is wanted.
	loss = portable.Log(sum) - float64((1-smoothing)*(float64(z[wanted])-float64(z[top]))) - float64(smoothing*(mean/float64(classes)))
	each := smoothing / float64(classes)
	for c := range z[:classes] {
		d := probabilities[c]/sum - each
		if c == wanted {
			d -= 1 - smoothing
		}
		if z[c] = 0; d > negligible || d < -negligible {
			z[c] = float32(weight * d)
		}
	}
	clear(z[classes:])
	return float64(weight * loss), top == wanted
}
