package zoo

import "likeness/tools/convert/nd"

// lraspp is torchvision's LR-ASPP of MobileNetV3-Large (Howard et al. 2019), for
// segmentation into 21 classes. The features are those of the dilated backbone,
// [960, 14, 14].
func lraspp(opt Options) (*Net, error) {
	b, x := newBuilder("lraspp_mobilenet_v3_large", opt, 224)
	high, low := mobilenetV3Features(b.in("backbone"), x, 2)
	b.embed(high)
	h := b.in("classifier")
	y := convNormAct(h.sub("cbr"), high, conv{out: 128, k: 1}, 1e-5, (*scope).relu)
	s := h.sub("scale")
	gate := s.call("2").point("Sigmoid", s.conv("1", s.call("0").globalPool(high), conv{out: 128, k: 1}))
	y = h.resize(h.binary("Mul", y, gate), low.shape)
	y = h.binary("Add", h.conv("low_classifier", low, conv{out: 21, k: 1, bias: true}), h.conv("high_classifier", y, conv{out: 21, k: 1, bias: true}))
	return b.finish(b.top().resize(y, x.shape))
}

// resize interpolates bilinearly to height and width of a shape.
func (s *scope) resize(x val, to []int) val {
	shape := []int{1, x.shape[1], to[2], to[3]}
	sizes := s.ints(1, int64(shape[1]), int64(shape[2]), int64(shape[3]))
	return s.op("Resize", map[string]nd.Attr{"coordinate_transformation_mode": nd.String("half_pixel"), "mode": nd.String("linear")},
		shape, x.name, "", "", sizes)
}
