//go:build wasm && !nosimd

#include "textflag.h"

// Macros for idct8Block. R0 dst, R1 coefficients, R2 quantisation table,
// R3 work, R4 stride, R5 factors.

// ROW dequantises row n.
#define ROW(n, v) \
	Get R1; I32WrapI64; V128Load $(16*(n)); \
	Get R2; I32WrapI64; V128Load $(16*(n)); \
	I16x8Mul; Set v

// PAIR puts 4 columns of two rows side by side.
#define PAIR(extend, a, b, v) \
	Get a; extend; Get b; extend; I32Const $16; I32x4Shl; V128Or; Set v

// FACTOR loads the i-th vector of the factors.
#define FACTOR(i) \
	Get R5; I32WrapI64; V128Load $(16*(i))

// EVEN sets a and b to the sum and the difference of the products of V8 and V9
// with the factors i and i+1, plus half.
#define EVEN(i, a, b) \
	Get V8; FACTOR(i); I32x4DotI16x8S; I32Const $1024; I32x4Splat; I32x4Add; Set a; \
	Get V9; FACTOR(i+1); I32x4DotI16x8S; Set b; \
	Get a; Get b; I32x4Sub; \
	Get a; Get b; I32x4Add; Set a; \
	Set b

// OUT stores the values j and 7-j of 4 columns: even sum e plus and minus the
// odd sum j.
#define OUT(i, e, at) \
	Get V10; FACTOR(i); I32x4DotI16x8S; \
	Get V11; FACTOR(i+1); I32x4DotI16x8S; \
	I32x4Add; Set V8; \
	Get R3; I64Const $(at); I64Add; I32WrapI64; \
	Get e; Get V8; I32x4Add; I32Const $11; I32x4ShrS; \
	Get e; Get V8; I32x4Sub; I32Const $11; I32x4ShrS; \
	I16x8NarrowI32x4S; V128Store $0

// COLUMNS is the first pass over 4 columns. work has 4 x 16 bytes for them:
// 4 values of row j, 4 of row 7-j.
#define COLUMNS(extend, at) \
	PAIR(extend, V0, V4, V8); \
	PAIR(extend, V2, V6, V9); \
	PAIR(extend, V1, V3, V10); \
	PAIR(extend, V5, V7, V11); \
	EVEN(0, V12, V15); \
	EVEN(2, V13, V14); \
	OUT(4, V12, at); \
	OUT(6, V13, at+16); \
	OUT(8, V14, at+32); \
	OUT(10, V15, at+48)

// SPREAD repeats two values of a row.
#define SPREAD(at, v) \
	Get R3; I32WrapI64; I32Load $(at); I32x4Splat; Set v

// HALF is 4 values of a row: 4 products of pairs.
#define HALF(f0, f1, f2, f3) \
	Get V8; Get f0; I32x4DotI16x8S; Get V9; Get f1; I32x4DotI16x8S; I32x4Add; \
	Get V10; Get f2; I32x4DotI16x8S; I32x4Add; Get V11; Get f3; I32x4DotI16x8S; I32x4Add; \
	Get V12; I32x4Add; I32Const $18; I32x4ShrS

// LINE leaves the 8 values of a row on the stack.
#define LINE(at) \
	SPREAD(at, V8); SPREAD(at+4, V9); SPREAD(at+64, V10); SPREAD(at+68, V11); \
	HALF(V0, V2, V4, V6); HALF(V1, V3, V5, V7); I16x8NarrowI32x4S

// STORE writes a row to the next of dst. (The assembler encodes all lanes of
// I64x2ExtractLane as 0.)
#define STORE(at) \
	LINE(at); Set V13; \
	Get R0; I32WrapI64; Get V13; Get V13; I8x16NarrowI16x8U; I64x2ExtractLane $0; I64Store $0; \
	Get R0; Get R4; I64Add; Set R0

// idct8Block: portable reference idct8Portable in idct.go.
TEXT ·idct8Block(SB), NOSPLIT, $0-48
	I64Load dst+0(FP)
	Set R0
	I64Load stride+8(FP)
	Set R4
	I64Load b+16(FP)
	Set R1
	I64Load q+24(FP)
	Set R2
	I64Load work+32(FP)
	Set R3
	I64Load factors+40(FP)
	Set R5
	ROW(0, V0)
	ROW(1, V1)
	ROW(2, V2)
	ROW(3, V3)
	ROW(4, V4)
	ROW(5, V5)
	ROW(6, V6)
	ROW(7, V7)
	COLUMNS(I32x4ExtendLowI16x8U, 0)
	COLUMNS(I32x4ExtendHighI16x8U, 64)
	FACTOR(12)
	Set V0
	FACTOR(13)
	Set V1
	FACTOR(14)
	Set V2
	FACTOR(15)
	Set V3
	FACTOR(16)
	Set V4
	FACTOR(17)
	Set V5
	FACTOR(18)
	Set V6
	FACTOR(19)
	Set V7
	I32Const $33685504 // 128<<18 + 1<<17
	I32x4Splat
	Set V12
	STORE(0)
	STORE(16)
	STORE(32)
	STORE(48)
	STORE(56)
	STORE(40)
	STORE(24)
	STORE(8)
	RET
