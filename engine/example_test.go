package engine_test

import (
	"fmt"
	"os"

	"likeness/engine"
	"likeness/engine/picture"
)

// A vector of the default layer, of length 1, of a picture in memory. Encoded
// pictures come from picture.Open and are run by RunPicture.
func ExampleLoad() {
	data, err := os.ReadFile("../models/likeness_v1.safetensors")
	if err != nil {
		fmt.Println(err)
		return
	}
	net, err := engine.Load(data)
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := net.NewSession()
	if err != nil {
		fmt.Println(err)
		return
	}
	px := &picture.Pixels{W: 8, H: 8, Pix: make([]byte, 4*8*8)} // RGBA: black, transparent
	if err := s.Run(px); err != nil {
		fmt.Println(err)
		return
	}
	v, err := s.Vector("", engine.PoolAvg, true)
	if err != nil {
		fmt.Println(err)
		return
	}
	length := 0.0
	for _, x := range v {
		length += float64(x) * float64(x)
	}
	fmt.Printf("%d numbers of length %.3f\n", len(v), length)
	// Output: 320 numbers of length 1.000
}
