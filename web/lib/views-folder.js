// Where what frozen layers make of pictures lies in the origin's private file
// system.

export const folder = 'likeness-views'
