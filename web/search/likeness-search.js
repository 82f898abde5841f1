// <likeness-search src> and <likeness-more src item>: search by picture in a
// page of one's own. web/SITES.md tells how.

import { MoreElement } from './more-element.js'
import { SearchElement } from './search-element.js'

export { PictureIndex } from './collection.js'

if (!customElements.get('likeness-search')) {
  customElements.define('likeness-search', SearchElement)
  customElements.define('likeness-more', MoreElement)
}
