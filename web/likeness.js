// Likeness: feature vectors of pictures, computed in the visitor's browser.
//
//   import { Extractor } from './likeness.js'
//   const extractor = await Extractor.load({ model: 'models/default.safetensors' })
//   const vector = await extractor.extract(file)

export { Analysis } from './lib/analysis.js'
export { Extractor } from './lib/extractor.js'
export { LikenessError } from './lib/errors.js'
