package look

import (
	"bytes"
	"unicode/utf8"

	"likeness/engine/picture/raster"
)

// other is a kind of file that is not read. Each sentence says what it is and
// the way out.
type other struct {
	is   func(data []byte) bool
	says string
}

const (
	saysJXL     = "JPEG XL pictures are not read: save it as JPEG or PNG"
	saysJP2     = "JPEG 2000 pictures are not read: save it as JPEG or PNG"
	saysJXR     = "JPEG XR pictures are not read: save it as JPEG or PNG"
	saysPSD     = "Photoshop documents are not read: export it as JPEG or PNG"
	saysXCF     = "GIMP documents are not read: export it as JPEG or PNG"
	saysEXR     = "high dynamic range pictures (OpenEXR, Radiance) are not read: export it as JPEG or PNG"
	saysPlain   = "pictures of this kind (Netpbm, QOI, DDS) are not read: save it as PNG"
	saysIcon    = "icons are not read: save it as PNG"
	saysOS2     = "OS/2 icons and arrays of bitmaps are not read: save it as PNG"
	saysMeta    = "Windows metafiles are not read: export it as PNG"
	saysDicom   = "DICOM files are not read: export it as PNG"
	saysPDF     = "PDF documents are not read: export the page as JPEG or PNG"
	saysEPS     = "PostScript drawings are not read: export it as PNG"
	saysDjVu    = "DjVu documents are not read: export the page as JPEG or PNG"
	saysSVG     = "SVG drawings are not read: export it as PNG"
	saysPage    = "this is a web page, not a picture: the download was perhaps refused; open the address in a browser and save the picture itself"
	saysPointer = "this is a Git LFS pointer, not a picture: git lfs pull fetches the picture itself"
	saysText    = "this is text, not a picture: choose the picture itself"
	saysVideo   = "this is a video, not a picture: save a frame of it as JPEG or PNG"
	saysSound   = "this is a sound, not a picture: choose a picture"
	saysArchive = "this is an archive, not a picture: unpack it first"
	saysMac     = "this is the side file that macOS keeps of a picture (its name begins with \"._\"), not the picture: choose the file without \"._\""
	saysZeros   = "the file holds nothing but zeros: copy or download it again"
	saysUnknown = "this is not a picture that can be read; JPEG, PNG, GIF, WebP, BMP, TIFF, HEIC and AVIF are"
)

var others = []other{
	{prefix("\xff\x0a", "\x00\x00\x00\x0cJXL \r\n\x87\n"), saysJXL},
	{prefix("\x00\x00\x00\x0cjP  \r\n\x87\n", "\xff\x4f\xff\x51"), saysJP2},
	{prefix("II\xbc"), saysJXR},
	{prefix("8BPS"), saysPSD},
	{prefix("gimp xcf"), saysXCF},
	{prefix("\x76\x2f\x31\x01", "#?RADIANCE", "#?RGBE"), saysEXR},
	{isNetpbm, saysPlain},
	{prefix("qoif", "DDS "), saysPlain},
	{isIcon, saysIcon},
	{isOS2Array, saysOS2},
	{isMetafile, saysMeta},
	{within(128, "DICM"), saysDicom},
	{func(b []byte) bool { return bytes.Contains(b[:min(len(b), 1024)], []byte("%PDF-")) }, saysPDF},
	{prefix("%!PS", "\xc5\xd0\xd3\xc6"), saysEPS},
	{prefix("AT&TFORM"), saysDjVu},
	{prefix("\x1a\x45\xdf\xa3", "FLV\x01", "\x00\x00\x01\xba", "\x00\x00\x01\xb3"), saysVideo},
	{isVideo, saysVideo},
	{isSound, saysSound},
	{prefix("PK\x03\x04", "\x1f\x8b", "Rar!\x1a\x07", "7z\xbc\xaf\x27\x1c", "\xfd7zXZ\x00", "BZh"), saysArchive},
	{prefix("\x00\x05\x16\x07"), saysMac},
	{isPage, saysPage},
	{isSVG, saysSVG},
	{prefix("version https://git-lfs"), saysPointer},
	{isText, saysText},
	{isZeros, saysZeros},
}

// raws are camera raw files that do not pass for TIFF; those that do are told
// by lookTIFF.
var raws = []struct {
	is   func(data []byte) bool
	name string
}{
	{prefix("IIRO", "IIRS", "MMOR"), "ORF"},
	{prefix("IIU\x00"), "RW2"},
	{prefix("FUJIFILMCCD-RAW"), "RAF"},
	{within(4, "ftypcrx "), "CR3"},
	{prefix("FOVb"), "X3F"},
	{prefix("\x00MRM"), "MRW"},
}

// refuse says what the data are, given that they are none of formats.
func refuse(data []byte) error {
	for _, r := range raws {
		if r.is(data) {
			return refuseRaw(r.name)
		}
	}
	for _, o := range others {
		if o.is(data) {
			return raster.Errorf(raster.CodeFormat, nil, "%s", o.says)
		}
	}
	return raster.Errorf(raster.CodeFormat, nil, saysUnknown)
}

func refuseRaw(name string) error {
	return raster.Errorf(raster.CodeFormat, nil, "camera raw files (%s) are not read: export it as JPEG, or use the JPEG that the camera made with it", name)
}

// within asks for a mark that stands at an offset.
func within(at int, magic string) func([]byte) bool {
	return func(data []byte) bool {
		return len(data) >= at+len(magic) && string(data[at:at+len(magic)]) == magic
	}
}

func isNetpbm(b []byte) bool {
	return len(b) >= 3 && b[0] == 'P' && b[1] >= '1' && b[1] <= '7' && (b[2] == '\n' || b[2] == ' ' || b[2] == '\r' || b[2] == '\t')
}

// isIcon tells icons and cursors: a zero, the kind 1 or 2, a number of
// pictures, and in the first entry a zero at offset 9.
func isIcon(b []byte) bool {
	return len(b) >= 22 && b[0] == 0 && b[1] == 0 && (b[2] == 1 || b[2] == 2) && b[3] == 0 && le.Uint16(b[4:]) != 0 && b[9] == 0
}

// isOS2Array tells what begins as a bitmap of OS/2 but is not text.
func isOS2Array(b []byte) bool {
	return (prefix("BA", "CI", "CP", "IC", "PT")(b)) && len(b) >= 14 && !isText(b)
}

func isMetafile(b []byte) bool {
	return prefix("\xd7\xcd\xc6\x9a")(b) || prefix("\x01\x00\x00\x00")(b) && within(40, " EMF")(b)
}

// isVideo tells the ISO base media format with other brands than isHEIF's, its
// ancestor QuickTime, and AVI.
func isVideo(b []byte) bool {
	if len(b) < 12 {
		return false
	}
	switch string(b[4:8]) {
	case "ftyp", "moov", "mdat", "wide", "free", "skip", "pnot":
		return true
	}
	return string(b[:4]) == "RIFF" && string(b[8:12]) == "AVI "
}

func isSound(b []byte) bool {
	return prefix("ID3", "fLaC", "OggS", "\xff\xfb", "\xff\xf3")(b) || prefix("RIFF")(b) && within(8, "WAVE")(b)
}

// opening returns the beginning of a text in lower case, without a byte order
// mark and leading blanks.
func opening(b []byte) []byte {
	b = bytes.TrimPrefix(b[:min(len(b), 1024)], []byte("\xef\xbb\xbf"))
	return bytes.ToLower(bytes.TrimLeft(b, " \t\r\n"))
}

func isPage(b []byte) bool {
	head := opening(b)
	if prefix("<!doctype html", "<html", "<head", "<body", "<script")(head) {
		return true
	}
	return bytes.HasPrefix(head, []byte("<")) && bytes.Contains(head, []byte("<html"))
}

func isSVG(b []byte) bool { return bytes.Contains(opening(b), []byte("<svg")) }

// isText tells text in ASCII or UTF-8 by its first bytes.
func isText(b []byte) bool {
	const look = 512
	cut := len(b) > look
	b = b[:min(len(b), look)]
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			return cut && !utf8.FullRune(b)
		}
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f' || r == 0x7f {
			return false
		}
		b = b[n:]
	}
	return true
}

// isZeros tells what an interrupted copy leaves. A look at the first bytes is
// enough, since no format begins with so many.
func isZeros(b []byte) bool {
	return len(bytes.Trim(b[:min(len(b), 512)], "\x00")) == 0
}
