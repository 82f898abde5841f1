//go:build wasm && !nosimd

#include "textflag.h"

// SCALED leaves 4 coefficients times their multipliers.
#define SCALED(rows, extend, at) \
	Get rows; extend; Get R2; I32WrapI64; V128Load $(at); I32x4Mul; \
	I32Const $128; I32x4Splat; I32x4Add; I32Const $8; I32x4ShrS

// ZIP puts two rows side by side, from halves of V2 and V3.
#define ZIP(extend) \
	Get V2; extend; Get V3; extend; I32Const $16; I32x4Shl; V128Or

// NARROW12 leaves what is added or subtracted by op as 16 bits.
#define NARROW12(a, b, opa, c, d, opb) \
	Get a; Get b; opa; I32Const $12; I32x4ShrS; \
	Get c; Get d; opb; I32Const $12; I32x4ShrS; \
	I16x8NarrowI32x4S

// LINE4 leaves the 4 values of the row at the offset in work.
#define LINE4(at) \
	Get R3; I32WrapI64; I32Load $(at); I32x4Splat; Get V8; I32x4DotI16x8S; \
	Get R3; I32WrapI64; I32Load $(at+4); I32x4Splat; Get V9; I32x4DotI16x8S; \
	I32x4Add; Get V10; I32x4Add; I32Const $16; I32x4ShrS

// STORE4 writes 4 bytes of work to the next row of dst.
#define STORE4(at) \
	Get R0; I32WrapI64; Get R3; I32WrapI64; I32Load $(at); I32Store $0; \
	Get R0; Get R1; I64Add; Set R0

// idct4Block: portable reference idct4Portable in reduced.go. 4096 is
// factorOne, 1697 factorTan.
TEXT ·idct4Block(SB), NOSPLIT, $0-40
	I64Load dst+0(FP)
	Set R0
	I64Load stride+8(FP)
	Set R1
	I64Load b+16(FP)
	Set R4
	I64Load m+24(FP)
	Set R2
	I64Load work+32(FP)
	Set R3
	Get R4
	I32WrapI64
	V128Load $0
	Set V0
	Get R4
	I32WrapI64
	V128Load $16
	Set V1
	SCALED(V0, I32x4ExtendLowI16x8S, 0)
	SCALED(V0, I32x4ExtendHighI16x8S, 16)
	I16x8NarrowI32x4S
	Set V2
	SCALED(V1, I32x4ExtendLowI16x8S, 32)
	SCALED(V1, I32x4ExtendHighI16x8S, 48)
	I16x8NarrowI32x4S
	Set V3
	ZIP(I32x4ExtendLowI16x8U)
	Set V4
	ZIP(I32x4ExtendHighI16x8U)
	Set V5

	// V6 and V7 the even sums, V0 and V1 the odd ones
	Get V4
	I32Const $0x10001000 // 4096, 4096
	I32x4Splat
	I32x4DotI16x8S
	I32Const $2048
	I32x4Splat
	I32x4Add
	Set V6
	Get V4
	I32Const $-268431360 // 4096, -4096
	I32x4Splat
	I32x4DotI16x8S
	I32Const $2048
	I32x4Splat
	I32x4Add
	Set V7
	Get V5
	I32Const $0x06A11000 // 4096, 1697
	I32x4Splat
	I32x4DotI16x8S
	Set V0
	Get V5
	I32Const $-268433759 // 1697, -4096
	I32x4Splat
	I32x4DotI16x8S
	Set V1
	Get R3
	I32WrapI64
	NARROW12(V6, V0, I32x4Add, V7, V1, I32x4Add)
	V128Store $0
	Get R3
	I64Const $16
	I64Add
	I32WrapI64
	NARROW12(V7, V1, I32x4Sub, V6, V0, I32x4Sub)
	V128Store $0

	V128Const $0x06A1100010001000, $0xF0001000F95F1000 // 4096 with 4096, 1697, -1697, -4096
	Set V8
	V128Const $0xF000F00006A11000, $0xF95F10001000F000 // 4096 1697, -4096 -4096, -4096 4096, 4096 -1697
	Set V9
	I32Const $8421376 // 128<<16 + 1<<15
	I32x4Splat
	Set V10
	LINE4(0)
	LINE4(8)
	I16x8NarrowI32x4S
	Set V0
	LINE4(16)
	LINE4(24)
	I16x8NarrowI32x4S
	Set V1
	Get R3
	I32WrapI64
	Get V0
	Get V1
	I8x16NarrowI16x8U
	V128Store $0
	STORE4(0)
	STORE4(4)
	STORE4(8)
	STORE4(12)
	RET
