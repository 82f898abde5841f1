package signal

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Limits of sounds.
const (
	minRate     = 100
	maxRate     = 384000
	maxChannels = 64
	maxSamples  = 1 << 24 // of one channel, 6 minutes at 44,100 Hz
)

// Formats of WAVE files (mmreg.h); others are named when they are refused.
const (
	formatPCM        = 1
	formatFloat      = 3
	formatExtensible = 0xfffe
)

var formatNames = map[uint16]string{2: "Microsoft ADPCM", 6: "A-law", 7: "mu-law", 0x11: "IMA ADPCM", 0x31: "GSM 6.10", 0x45: "G.726 ADPCM",
	0x50: "MPEG audio", 0x55: "MP3", 0x92: "Dolby AC-3", 0x161: "Windows Media Audio", 0xf1ac: "FLAC", 0xff: "AAC", 0x674f: "Ogg Vorbis"}

// guidTail is what follows the format's number in a SubFormat of
// WAVE_FORMAT_EXTENSIBLE (KSDATAFORMAT_SUBTYPE_*).
var guidTail = [14]byte{0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71}

// WAV is a sound as its file has it.
type WAV struct {
	Rate     int // Hz
	Channels int
	Bits     int  // of one sample: 8, 16, 24, 32 or 64
	Float    bool // of the samples; otherwise whole numbers, 8 bits without sign
	data     []byte
}

// Frames is how many samples each channel has.
func (w *WAV) Frames() int { return len(w.data) / (w.Channels * w.Bits / 8) }

// ReadWAV reads the headers of a RIFF or RF64 WAVE file (Microsoft and IBM,
// Multimedia Programming Interface, 1991; EBU Tech 3306). Samples are PCM of 8,
// 16, 24 or 32 bits, or floats of 32 or 64. data must not change while the WAV is
// in use.
func ReadWAV(data []byte) (*WAV, error) {
	if len(data) < 12 || string(data[8:12]) != "WAVE" || string(data[:4]) != "RIFF" && string(data[:4]) != "RF64" {
		return nil, refuse(CodeFormat, "this is no WAV file%s: save the sound as WAV", otherSound(data))
	}
	var w *WAV
	var err error
	for rest := data[12:]; len(rest) >= 8; {
		id, size := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:]))
		rest = rest[8:]
		if id == "data" {
			if w == nil {
				return nil, refuse(CodeCorrupt, "the WAV file has its samples before their description: save it again")
			}
			// Programs that write to a pipe, and RF64, leave the size open.
			return w.take(rest[:min(size, int64(len(rest)))], size > int64(len(rest)) && size < 0xffffff00)
		}
		if size > int64(len(rest)) {
			break
		}
		if id == "fmt " {
			if w, err = readFormat(rest[:size]); err != nil {
				return nil, err
			}
		}
		rest = rest[min(size+size&1, int64(len(rest))):] // chunks begin at even places
	}
	return nil, refuse(CodeCorrupt, "the WAV file is cut off or has no samples: copy or download it again")
}

// otherSound names a sound of another format.
func otherSound(data []byte) string {
	for head, name := range map[string]string{"OggS": "Ogg", "fLaC": "FLAC", "ID3": "MP3", "\xff\xfb": "MP3", "FORM": "AIFF", ".snd": "AU", "RIFX": "RIFX, of big-endian numbers", "\x1aE\xdf\xa3": "WebM or Matroska"} {
		if len(data) >= len(head) && string(data[:len(head)]) == head {
			return " but " + name
		}
	}
	return ""
}

// readFormat reads a fmt chunk.
func readFormat(c []byte) (*WAV, error) {
	if len(c) < 16 {
		return nil, refuse(CodeCorrupt, "the WAV file's description of its samples is cut off: save it again")
	}
	format := binary.LittleEndian.Uint16(c)
	w := &WAV{Channels: int(binary.LittleEndian.Uint16(c[2:])), Rate: int(binary.LittleEndian.Uint32(c[4:])), Bits: int(binary.LittleEndian.Uint16(c[14:]))}
	block := int(binary.LittleEndian.Uint16(c[12:]))
	if format == formatExtensible {
		if len(c) < 40 || [14]byte(c[26:40]) != guidTail {
			return nil, refuse(CodeFeature, "the WAV file's samples are of a kind of their own (WAVE_FORMAT_EXTENSIBLE), which is not read: save it as PCM")
		}
		format = binary.LittleEndian.Uint16(c[24:])
	}
	w.Float = format == formatFloat
	switch {
	case format != formatPCM && !w.Float:
		name := formatNames[format]
		if name == "" {
			name = fmt.Sprintf("of the format 0x%04x", format)
		}
		return nil, refuse(CodeFeature, "the WAV file's samples are compressed (%s), which is not read: save it as PCM", name)
	case w.Float && w.Bits != 32 && w.Bits != 64, !w.Float && w.Bits != 8 && w.Bits != 16 && w.Bits != 24 && w.Bits != 32:
		return nil, refuse(CodeFeature, "the WAV file's samples have %d bits, which is not read: save it as PCM of 16 bits", w.Bits)
	case w.Channels < 1 || w.Channels > maxChannels:
		return nil, refuse(CodeFeature, "the WAV file has %d channels; 1 to %d are read", w.Channels, maxChannels)
	case w.Rate < minRate || w.Rate > maxRate:
		return nil, refuse(CodeFeature, "the WAV file has a sampling rate of %d Hz; %d to %d are read", w.Rate, minRate, maxRate)
	case block != w.Channels*w.Bits/8:
		return nil, refuse(CodeCorrupt, "the WAV file contradicts itself: %d channels of %d bits are not %d bytes: save it again", w.Channels, w.Bits, block)
	}
	return w, nil
}

// take takes the samples; cut: there are fewer than the file says.
func (w *WAV) take(samples []byte, cut bool) (*WAV, error) {
	w.data = samples
	switch {
	case cut:
		return nil, refuse(CodeCorrupt, "the WAV file is cut off: copy or download it again")
	case w.Frames() == 0:
		return nil, refuse(CodeEmpty, "the WAV file has no samples")
	}
	return w, nil
}

// Mono is the mean of the channels, -1..1 for whole numbers, of the frames from
// start to end.
func (w *WAV) Mono(start, end int) ([]float64, error) {
	if end-start > maxSamples {
		return nil, refuse(CodeTooLarge, "the sound has %d samples (%.0f s), more than %d: take a part with offset= and duration=", end-start, float64(end-start)/float64(w.Rate), maxSamples)
	}
	out := make([]float64, end-start)
	width := w.Bits / 8
	at := start * w.Channels * width
	for i := range out {
		sum := 0.0
		for range w.Channels {
			sum += w.sample(w.data[at:])
			at += width
		}
		if math.IsNaN(sum) || math.IsInf(sum, 0) {
			return nil, refuse(CodeCorrupt, "the WAV file has samples that are no numbers, at %d: save it again", start+i)
		}
		out[i] = sum / float64(w.Channels)
	}
	return out, nil
}

func (w *WAV) sample(b []byte) float64 {
	switch {
	case w.Float && w.Bits == 32:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	case w.Float:
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	case w.Bits == 8:
		return float64(int(b[0])-128) / (1 << 7)
	case w.Bits == 16:
		return float64(int16(binary.LittleEndian.Uint16(b))) / (1 << 15)
	case w.Bits == 24:
		return float64(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
	}
	return float64(int32(binary.LittleEndian.Uint32(b))) / (1 << 31)
}
