package tiff

import "strconv"

// Tags that decide what the pixels are (TIFF 6.0 and its supplements).
const (
	tagNewSubfileType        = 254
	tagSubfileType           = 255
	tagImageWidth            = 256
	tagImageLength           = 257
	tagBitsPerSample         = 258
	tagCompression           = 259
	tagPhotometric           = 262
	tagFillOrder             = 266
	tagStripOffsets          = 273
	tagSamplesPerPixel       = 277
	tagRowsPerStrip          = 278
	tagStripByteCounts       = 279
	tagPlanarConfig          = 284
	tagT4Options             = 292
	tagT6Options             = 293
	tagPredictor             = 317
	tagColorMap              = 320
	tagTileWidth             = 322
	tagTileLength            = 323
	tagTileOffsets           = 324
	tagTileByteCounts        = 325
	tagSubIFDs               = 330
	tagInkSet                = 332
	tagDotRange              = 336
	tagExtraSamples          = 338
	tagSampleFormat          = 339
	tagIndexed               = 346
	tagJPEGTables            = 347
	tagJPEGInterchange       = 513
	tagJPEGInterchangeLength = 514
	tagDecode                = 433
	tagYCbCrCoefficients     = 529
	tagYCbCrSubSampling      = 530
	tagReferenceBW           = 532
	tagMatteing              = 32995
	tagDataType              = 32996
	tagImageDepth            = 32997
)

var knownTags = map[uint16]bool{
	tagNewSubfileType: true, tagSubfileType: true, tagImageWidth: true, tagImageLength: true,
	tagBitsPerSample: true, tagCompression: true, tagPhotometric: true, tagFillOrder: true,
	tagStripOffsets: true, tagSamplesPerPixel: true, tagRowsPerStrip: true, tagStripByteCounts: true,
	tagPlanarConfig: true, tagT4Options: true, tagT6Options: true, tagPredictor: true,
	tagColorMap: true, tagTileWidth: true, tagTileLength: true, tagTileOffsets: true,
	tagTileByteCounts: true, tagSubIFDs: true, tagInkSet: true, tagDotRange: true,
	tagExtraSamples: true, tagSampleFormat: true, tagIndexed: true, tagJPEGTables: true, tagJPEGInterchange: true,
	tagJPEGInterchangeLength: true,
	tagDecode:                true, tagYCbCrCoefficients: true, tagYCbCrSubSampling: true, tagReferenceBW: true,
	tagMatteing: true, tagDataType: true, tagImageDepth: true,
}

// Values of Compression that are read.
const (
	compNone      = 1
	compFax2      = 2 // modified Huffman
	compFax3      = 3
	compFax4      = 4
	compLZW       = 5
	compJPEG      = 7
	compDeflate   = 8
	compFax2Words = 32771
	compPackBits  = 32773
	compDeflate2  = 32946
	compWebP      = 50001
)

// unreadCompression names those that are not.
var unreadCompression = map[int]string{
	6:     "old-style JPEG compression in parts",
	9:     "JBIG compression",
	10:    "JBIG compression",
	32766: "NeXT compression",
	32809: "ThunderScan compression",
	32908: "PixarFilm compression",
	32909: "PixarLog compression",
	33003: "JPEG 2000 compression",
	33004: "JPEG 2000 compression",
	33005: "JPEG 2000 compression",
	34661: "JBIG compression",
	34676: "SGI LogLuv compression",
	34677: "SGI LogLuv compression",
	34712: "JPEG 2000 compression",
	34887: "LERC compression",
	34892: "lossy JPEG compression of raw data",
	34925: "LZMA compression",
	34926: "Zstandard compression",
	34927: "WebP compression of an old number",
	50000: "Zstandard compression",
	50002: "JPEG XL compression",
	52546: "JPEG XL compression",
}

// Values of PhotometricInterpretation that are read.
const (
	whiteIsZero = 0
	blackIsZero = 1
	rgb         = 2
	paletted    = 3
	cmyk        = 5
	yCbCr       = 6
	cieLab      = 8
	iccLab      = 9
)

// unreadPhotometric names those that are not.
var unreadPhotometric = map[int]string{
	4:     "a transparency mask in place of a picture",
	10:    "ITU L*a*b* colours",
	32803: "a camera's raw data (colour filter array)",
	32844: "LogL luminance",
	32845: "LogLuv colours",
	34892: "a camera's raw data",
	51177: "a depth map",
	52527: "a photometric mask",
}

func itoa(v int) string { return strconv.Itoa(v) }
