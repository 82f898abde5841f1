//go:build !goexperiment.simd || !amd64 || nosimd

package convert

func sumTile(y *[tilePixels][tileWidth]float32, x *[tilePixels][]float32, w []float32) {
	sumTilePortable(y, x, w)
}
