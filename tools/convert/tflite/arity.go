package tflite

import "fmt"

// liteArity gives the least and the greatest number of inputs of the operators
// that are read, from TensorFlow Lite's kernels; an optional input may also be
// -1. Each makes one output.
var liteArity = map[int32][2]int{
	0: {2, 2}, 18: {2, 2}, // ADD, MUL
	1: {1, 1}, 17: {1, 1}, // AVERAGE_POOL_2D, MAX_POOL_2D
	2: {1, 4096},         // CONCATENATION
	3: {2, 3}, 4: {2, 3}, // CONV_2D, DEPTHWISE_CONV_2D
	6: {1, 1}, 114: {1, 1}, // DEQUANTIZE, QUANTIZE
	9:  {2, 3},             // FULLY_CONNECTED
	14: {1, 1}, 19: {1, 1}, // LOGISTIC, RELU
	21: {1, 1}, 98: {1, 1}, // RELU6, LEAKY_RELU
	117: {1, 1}, 25: {1, 1}, // HARD_SWISH, SOFTMAX
	22: {1, 2}, 43: {1, 1}, // RESHAPE, SQUEEZE
	34: {2, 2}, 40: {2, 2}, // PAD, MEAN
	41: {2, 2}, 42: {2, 2}, // SUB, DIV
	54: {2, 2}, 11: {1, 1}, // PRELU, L2_NORMALIZATION
	77: {1, 1}, 45: {4, 4}, 83: {1, 4096}, // SHAPE, STRIDED_SLICE, PACK
	23: {2, 2}, 97: {2, 2}, // RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR
	5: {1, 1}, 26: {1, 1}, // DEPTH_TO_SPACE, SPACE_TO_DEPTH
	67: {3, 4},             // TRANSPOSE_CONV
	28: {1, 1}, 47: {1, 1}, // TANH, EXP
	75: {1, 1}, 76: {1, 1}, // SQRT, RSQRT
	92: {1, 1}, 101: {1, 1}, // SQUARE, ABS
	111: {1, 1}, 73: {1, 1}, // ELU, LOG
	50: {1, 1}, // LOG_SOFTMAX
}

// checkArity refuses an operator with fewer or more inputs or outputs than it
// takes.
func (op *liteOp) checkArity(i int) error {
	least, most := 1, 4096
	if a, ok := liteArity[op.code]; ok {
		least, most = a[0], a[1]
		if len(op.outputs) != 1 {
			return fmt.Errorf("operator %d (%s) has %d outputs, it makes 1: export the network again", i, operatorName(op.code, op.custom), len(op.outputs))
		}
	}
	if len(op.inputs) < least || len(op.inputs) > most {
		return fmt.Errorf("operator %d (%s) has %d inputs, it takes %d to %d: export the network again", i, operatorName(op.code, op.custom), len(op.inputs), least, most)
	}
	for k, t := range op.inputs[:least] {
		if t < 0 {
			return fmt.Errorf("operator %d (%s) lacks input %d: export the network again", i, operatorName(op.code, op.custom), k)
		}
	}
	return nil
}
