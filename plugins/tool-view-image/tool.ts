import type { Tool } from 'hookline'
import { readImage } from './read-image.ts'

interface Arguments {
  readonly path: string
}

function parse(value: unknown): Arguments {
  const path =
    typeof value === 'object' && value !== null && 'path' in value ? value.path : undefined
  if (path === undefined) throw new Error('missing field `path`')
  if (typeof path !== 'string' || path === '') {
    throw new Error('invalid value for `path`: expected the path of a file')
  }
  return { path }
}

/** `view_image`: puts an image of the disk before the eyes of the model. */
export const viewImageTool: Tool = {
  name: 'view_image',
  description:
    'Shows you an image file of this machine (png, jpeg, gif or webp): a screenshot, a chart, a mock-up that the user named or that you made. Only for files that you have not been shown already.',
  input: {
    kind: 'json',
    schema: {
      type: 'object',
      properties: {
        path: {
          type: 'string',
          description: 'Path of the image, absolute or relative to the working directory.',
        },
      },
      required: ['path'],
      additionalProperties: false,
    },
    parse,
  },
  parallel: true,
  repeatable: true,
  async run(input, { turn }) {
    // What `parse` has returned.
    const { path } = input as Arguments
    const image = await readImage(path, turn)
    if (!image.ok) return { output: image.message, failed: true }
    const detail = 'original'
    return {
      output: [{ type: 'image', imageUrl: image.url, detail }],
      response: `${image.mime}, ${image.bytes} bytes`,
      value: { image_url: image.url, detail },
    }
  },
}
