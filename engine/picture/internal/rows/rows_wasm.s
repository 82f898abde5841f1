//go:build wasm && !nosimd

#include "textflag.h"

// columnBlocks: portable reference columnsPortable in rows.go. The bytes of two
// rows are brought side by side as int16, red, green and blue apart, so that
// I32x4DotI16x8S weighs and adds both rows at once.
TEXT ·columnBlocks(SB), NOSPLIT, $0-72
	I64Load dst+0(FP)
	Set R0
	I64Load src+24(FP)
	Set R1
	I64Load blocks+16(FP)
	Set R2
	Loop
		I64Load half+56(FP)
		I32WrapI64
		I32x4Splat
		Tee V0
		Tee V1
		Tee V2
		Tee V3
		Tee V4
		Set V5
		I64Load offsets+32(FP)
		Set R3
		I64Load coefs+40(FP)
		Set R4
		I64Load pairs+48(FP)
		Set R5
		Loop
			Get R3
			I32WrapI64
			I64Load32S $0
			Get R1
			I64Add
			Set R6
			Get R3
			I32WrapI64
			I64Load32S $4
			Get R1
			I64Add
			Set R7
			Get R4
			I32WrapI64
			I32Load $0
			I32x4Splat
			Set V6
			// pixels 0 to 3: V7 row a, V8 row b
			Get R6
			I32WrapI64
			V128Load $0
			Set V7
			Get R7
			I32WrapI64
			V128Load $0
			Set V8
			Get V7
			V128Const $0x0000FFFF0000FFFF, $0x0000FFFF0000FFFF
			V128And
			Get V8
			I32Const $16
			I32x4Shl
			V128Or
			Tee V9 // red, green
			V128Const $0x00FF00FF00FF00FF, $0x00FF00FF00FF00FF
			V128And
			Get V6
			I32x4DotI16x8S
			Get V0
			I32x4Add
			Set V0
			Get V9
			I32Const $8
			I16x8ShrU
			Get V6
			I32x4DotI16x8S
			Get V1
			I32x4Add
			Set V1
			Get V7
			I32Const $16
			I32x4ShrU
			Get V8
			V128Const $0x00FF000000FF0000, $0x00FF000000FF0000
			V128And
			V128Or // blue of b, blue and alpha of a
			V128Const $0x00FF00FF00FF00FF, $0x00FF00FF00FF00FF
			V128And
			Get V6
			I32x4DotI16x8S
			Get V2
			I32x4Add
			Set V2
			// pixels 4 to 7: V7 row a, V8 row b
			Get R6
			I32WrapI64
			V128Load $16
			Set V7
			Get R7
			I32WrapI64
			V128Load $16
			Set V8
			Get V7
			V128Const $0x0000FFFF0000FFFF, $0x0000FFFF0000FFFF
			V128And
			Get V8
			I32Const $16
			I32x4Shl
			V128Or
			Tee V9 // red, green
			V128Const $0x00FF00FF00FF00FF, $0x00FF00FF00FF00FF
			V128And
			Get V6
			I32x4DotI16x8S
			Get V3
			I32x4Add
			Set V3
			Get V9
			I32Const $8
			I16x8ShrU
			Get V6
			I32x4DotI16x8S
			Get V4
			I32x4Add
			Set V4
			Get V7
			I32Const $16
			I32x4ShrU
			Get V8
			V128Const $0x00FF000000FF0000, $0x00FF000000FF0000
			V128And
			V128Or // blue of b, blue and alpha of a
			V128Const $0x00FF00FF00FF00FF, $0x00FF00FF00FF00FF
			V128And
			Get V6
			I32x4DotI16x8S
			Get V5
			I32x4Add
			Set V5
			Get R3
			I64Const $8
			I64Add
			Set R3
			Get R4
			I64Const $4
			I64Add
			Set R4
			Get R5
			I64Const $-1
			I64Add
			Tee R5
			I64Eqz
			I32Eqz
			BrIf $0
		End
		I64Load shift+64(FP)
		Set R8
		I64Load planeStep+8(FP)
		Set R9
		Get R0
		I32WrapI64
		Get V0
		Get R8
		I32WrapI64
		I32x4ShrS
		Get V3
		Get R8
		I32WrapI64
		I32x4ShrS
		I16x8NarrowI32x4S
		V128Store $0
		Get R0
		Get R9
		I64Add
		I32WrapI64
		Get V1
		Get R8
		I32WrapI64
		I32x4ShrS
		Get V4
		Get R8
		I32WrapI64
		I32x4ShrS
		I16x8NarrowI32x4S
		V128Store $0
		Get R0
		Get R9
		I64Add
		Get R9
		I64Add
		I32WrapI64
		Get V2
		Get R8
		I32WrapI64
		I32x4ShrS
		Get V5
		Get R8
		I32WrapI64
		I32x4ShrS
		I16x8NarrowI32x4S
		V128Store $0
		Get R0
		I64Const $16
		I64Add
		Set R0
		Get R1
		I64Const $32
		I64Add
		Set R1
		Get R2
		I64Const $-1
		I64Add
		Tee R2
		I64Eqz
		I32Eqz
		BrIf $0
	End
	RET

// alongPixels: portable reference alongPortable in rows.go. The assembler knows
// no lane but 0, so lanes are added by shifting and widening.
TEXT ·alongPixels(SB), NOSPLIT, $0-72
	I64Load dst+0(FP)
	Set R0
	I64Load planeStep+16(FP)
	Set R2
	I64Load count+24(FP)
	Set R3
	I64Load first+32(FP)
	Set R4
	I64Load coefs+40(FP)
	Set R5
	I64Load half+56(FP)
	Set R10
	I64Load shift+64(FP)
	Set R11
	Loop
		I64Load src+8(FP)
		Get R4
		I32WrapI64
		I64Load32S $0
		I64Const $1
		I64Shl
		I64Add
		Tee R6
		Get R2
		I64Add
		Tee R7
		Get R2
		I64Add
		Set R8
		I64Load octets+48(FP)
		Set R9
		V128Const $0, $0
		Set V0
		V128Const $0, $0
		Set V1
		V128Const $0, $0
		Set V2
		Loop
			Get R5
			I32WrapI64
			V128Load $0
			Set V3
			Get R6
			I32WrapI64
			V128Load $0
			Get V3
			I32x4DotI16x8S
			Get V0
			I32x4Add
			Set V0
			Get R7
			I32WrapI64
			V128Load $0
			Get V3
			I32x4DotI16x8S
			Get V1
			I32x4Add
			Set V1
			Get R8
			I32WrapI64
			V128Load $0
			Get V3
			I32x4DotI16x8S
			Get V2
			I32x4Add
			Set V2
			Get R5
			I64Const $16
			I64Add
			Set R5
			Get R6
			I64Const $16
			I64Add
			Set R6
			Get R7
			I64Const $16
			I64Add
			Set R7
			Get R8
			I64Const $16
			I64Add
			Set R8
			Get R9
			I64Const $-1
			I64Add
			Tee R9
			I64Eqz
			I32Eqz
			BrIf $0
		End
		Get R0
		I32WrapI64
		Get V0
		Get V0
		I32Const $32
		I64x2ShrU
		I32x4Add
		Tee V4
		I32x4ExtractLane $0
		Get V4
		I64x2ExtendHighI32x4U
		I32x4ExtractLane $0
		I32Add
		Get R10
		I32WrapI64
		I32Add
		Get R11
		I32WrapI64
		I32ShrS
		I32Store8 $0
		Get R0
		I32WrapI64
		Get V1
		Get V1
		I32Const $32
		I64x2ShrU
		I32x4Add
		Tee V4
		I32x4ExtractLane $0
		Get V4
		I64x2ExtendHighI32x4U
		I32x4ExtractLane $0
		I32Add
		Get R10
		I32WrapI64
		I32Add
		Get R11
		I32WrapI64
		I32ShrS
		I32Store8 $1
		Get R0
		I32WrapI64
		Get V2
		Get V2
		I32Const $32
		I64x2ShrU
		I32x4Add
		Tee V4
		I32x4ExtractLane $0
		Get V4
		I64x2ExtendHighI32x4U
		I32x4ExtractLane $0
		I32Add
		Get R10
		I32WrapI64
		I32Add
		Get R11
		I32WrapI64
		I32ShrS
		I32Store8 $2
		Get R0
		I64Const $3
		I64Add
		Set R0
		Get R4
		I64Const $4
		I64Add
		Set R4
		Get R3
		I64Const $-1
		I64Add
		Tee R3
		I64Eqz
		I32Eqz
		BrIf $0
	End
	RET

// andBlocks: see its declaration.
TEXT ·andBlocks(SB), NOSPLIT, $0-24
	I64Load rgba+0(FP)
	Set R0
	I64Load blocks+8(FP)
	Set R1
	V128Const $0xFFFFFFFFFFFFFFFF, $0xFFFFFFFFFFFFFFFF
	Tee V0
	Set V1
	Loop
		Get R0
		I32WrapI64
		V128Load $0
		Get V0
		V128And
		Set V0
		Get R0
		I32WrapI64
		V128Load $16
		Get V1
		V128And
		Set V1
		Get R0
		I32WrapI64
		V128Load $32
		Get V0
		V128And
		Set V0
		Get R0
		I32WrapI64
		V128Load $48
		Get V1
		V128And
		Set V1
		Get R0
		I64Const $64
		I64Add
		Set R0
		Get R1
		I64Const $-1
		I64Add
		Tee R1
		I64Eqz
		I32Eqz
		BrIf $0
	End
	Get V0
	Get V1
	V128And
	Set V0
	Get SP
	Get V0
	I32Const $32
	I64x2ShrU
	Get V0
	V128And
	Tee V0
	I32x4ExtractLane $0
	Get V0
	I64x2ExtendHighI32x4U
	I32x4ExtractLane $0
	I32And
	I64ExtendI32U
	I64Store ret+16(FP)
	RET
