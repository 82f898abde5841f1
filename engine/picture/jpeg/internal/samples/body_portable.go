//go:build nosimd || !(wasm || (goexperiment.simd && (amd64 || arm64)))

package samples

func idct8(dst []byte, stride int, b *Block, q *Quant) { idct8Portable(dst, stride, b, q) }

func idct4(dst []byte, stride int, b *[16]int16, m *Reduced) { idct4Portable(dst, stride, b, m) }

func upsampleH2(dst, src []byte) { upsampleH2Portable(dst, src) }

func upsampleH2V2(dst, near, far []byte) { upsampleH2V2Portable(dst, near, far) }

func upsampleV2(dst, near, far []byte, half int) { upsampleV2Portable(dst, near, far, half) }

func ycbcr(dst, y, cb, cr []byte) { ycbcrPortable(dst, y, cb, cr) }
