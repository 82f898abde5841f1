//go:build wasm && !nosimd

#include "textflag.h"

// LOAD8 leaves 8 samples at pointer p and offset, as 16-bit numbers. (The
// assembler encodes V128Load8x8U without its offset.)
#define LOAD8(p, offset) \
	Get p; I32WrapI64; I64Load $offset; I64x2Splat; I16x8ExtendLowI8x16U

#define THRICE(v) \
	Tee v; Get v; I16x8Add; Get v; I16x8Add

// SPLAT16 is n in all 16-bit lanes.
#define SPLAT16(n) \
	I32Const $n; I16x8Splat

#define ADVANCE(p, n) \
	Get p; I64Const $n; I64Add; Set p

// AGAIN goes to the beginning of the loop until the counter c is 0.
#define AGAIN(c) \
	Get c; I64Const $-1; I64Add; Tee c; I64Eqz; I32Eqz; BrIf $0

// h2Blocks: portable reference upsampleH2Middle in upsample.go, 8 samples a
// block, src one before the first of them.
TEXT ·h2Blocks(SB), NOSPLIT, $0-24
	I64Load dst+0(FP)
	Set R0
	I64Load src+8(FP)
	Set R1
	I64Load blocks+16(FP)
	Set R2
	Loop
		LOAD8(R1, 1)
		THRICE(V0)
		Set V0
		Get R0
		I32WrapI64
		Get V0
		LOAD8(R1, 0)
		I16x8Add
		SPLAT16(1)
		I16x8Add
		I32Const $2
		I16x8ShrU
		Get V0
		LOAD8(R1, 2)
		I16x8Add
		SPLAT16(2)
		I16x8Add
		I32Const $2
		I16x8ShrU
		I32Const $8
		I16x8Shl
		V128Or
		V128Store $0
		ADVANCE(R0, 16)
		ADVANCE(R1, 8)
		AGAIN(R2)
	End
	RET

// SUM31 leaves three times the near samples plus the far ones.
#define SUM31(offset) \
	LOAD8(R1, offset); THRICE(V3); LOAD8(R2, offset); I16x8Add

// h2v2Blocks: portable reference upsampleH2V2Middle, as h2Blocks.
TEXT ·h2v2Blocks(SB), NOSPLIT, $0-32
	I64Load dst+0(FP)
	Set R0
	I64Load near+8(FP)
	Set R1
	I64Load far+16(FP)
	Set R2
	I64Load blocks+24(FP)
	Set R3
	Loop
		SUM31(1)
		THRICE(V0)
		Set V0
		Get R0
		I32WrapI64
		Get V0
		SUM31(0)
		I16x8Add
		SPLAT16(8)
		I16x8Add
		I32Const $4
		I16x8ShrU
		Get V0
		SUM31(2)
		I16x8Add
		SPLAT16(7)
		I16x8Add
		I32Const $4
		I16x8ShrU
		I32Const $8
		I16x8Shl
		V128Or
		V128Store $0
		ADVANCE(R0, 16)
		ADVANCE(R1, 8)
		ADVANCE(R2, 8)
		AGAIN(R3)
	End
	RET

// v2Blocks: portable reference upsampleV2Portable, 8 samples a block.
TEXT ·v2Blocks(SB), NOSPLIT, $0-40
	I64Load dst+0(FP)
	Set R0
	I64Load near+8(FP)
	Set R1
	I64Load far+16(FP)
	Set R2
	I64Load half+24(FP)
	I32WrapI64
	I16x8Splat
	Set V0
	I64Load blocks+32(FP)
	Set R3
	Loop
		Get R0
		I32WrapI64
		SUM31(0)
		Get V0
		I16x8Add
		I32Const $2
		I16x8ShrU
		Tee V1
		Get V1
		I8x16NarrowI16x8U
		I64x2ExtractLane $0
		I64Store $0
		ADVANCE(R0, 8)
		ADVANCE(R1, 8)
		ADVANCE(R2, 8)
		AGAIN(R3)
	End
	RET

// GREEN leaves 4 values of green's part of the two chroma samples.
#define GREEN(extmul) \
	Get V1; Get V4; extmul; Get V2; Get V5; extmul; I32x4Add; Get V6; I32x4Add; I32Const $16; I32x4ShrS

// PIXELS stores 4 pixels from the 16-bit pairs V7 and V8.
#define PIXELS(extend, offset) \
	Get R0; I64Const $offset; I64Add; I32WrapI64; \
	Get V7; extend; Get V8; extend; I32Const $16; I32x4Shl; V128Or; V128Store $0

// ycbcrBlocks: portable reference ycbcrPortable in colour.go, 8 pixels a block.
// The rounding product of 15 bits with half of a factor gives the portable
// sum for each of the 256 values: 7471 is exactly half of blueCb, and of 13173,
// a little more than half of redCr, a test tries them all.
TEXT ·ycbcrBlocks(SB), NOSPLIT, $0-40
	I64Load dst+0(FP)
	Set R0
	I64Load y+8(FP)
	Set R1
	I64Load cb+16(FP)
	Set R2
	I64Load cr+24(FP)
	Set R3
	I64Load blocks+32(FP)
	Set R4
	SPLAT16(-22554)
	Set V4
	SPLAT16(18734)
	Set V5
	I32Const $32768
	I32x4Splat
	Set V6
	Loop
		LOAD8(R1, 0)
		Set V0
		LOAD8(R2, 0)
		SPLAT16(128)
		I16x8Sub
		Set V1
		LOAD8(R3, 0)
		SPLAT16(128)
		I16x8Sub
		Set V2

		// red and green
		Get V0
		Get V2
		I16x8Add
		Get V2
		SPLAT16(13173)
		I16x8Q15MulrSatS
		I16x8Add
		Get V0
		Get V2
		I16x8Sub
		GREEN(I32x4ExtmulLowI16x8S)
		GREEN(I32x4ExtmulHighI16x8S)
		I16x8NarrowI32x4S
		I16x8Add
		I8x16NarrowI16x8U
		V128Const $0x0B030A0209010800, $0x0F070E060D050C04
		I8x16Swizzle
		Set V7

		// blue and alpha
		Get V0
		Get V1
		I16x8Add
		Get V1
		I16x8Add
		Get V1
		SPLAT16(-7471)
		I16x8Q15MulrSatS
		I16x8Add
		SPLAT16(255)
		I8x16NarrowI16x8U
		V128Const $0x0B030A0209010800, $0x0F070E060D050C04
		I8x16Swizzle
		Set V8

		PIXELS(I32x4ExtendLowI16x8U, 0)
		PIXELS(I32x4ExtendHighI16x8U, 16)
		ADVANCE(R0, 32)
		ADVANCE(R1, 8)
		ADVANCE(R2, 8)
		ADVANCE(R3, 8)
		AGAIN(R4)
	End
	RET
