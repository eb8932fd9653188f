/** Texts that are deflated, as base64url or base64. */

/** Bytes that an address may unfold to: one that is made to fill the memory does not. */
const BYTES_MAX = 1_000_000

export const packed = async (text: string): Promise<string> => {
  const bytes = await through(new Blob([text]).stream(), new CompressionStream('deflate-raw'), BYTES_MAX)
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}

/** The text in an address; null if it is none. */
export const unpacked = async (address: string): Promise<string | null> => {
  try {
    return await inflated(address.replaceAll('-', '+').replaceAll('_', '/'), BYTES_MAX)
  } catch {
    return null
  }
}

/** @param base64 a text, deflated. @throws if it is none, or of more than `bytesMax` */
export const inflated = async (base64: string, bytesMax = Infinity): Promise<string> => {
  const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0))
  return new TextDecoder().decode(await through(new Blob([bytes]).stream(), new DecompressionStream('deflate-raw'), bytesMax))
}

const through = async (
  from: ReadableStream,
  transform: { readonly writable: WritableStream; readonly readable: ReadableStream },
  bytesMax: number,
): Promise<Uint8Array> => {
  const reader = from.pipeThrough(transform).getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = (await reader.read()) as { done: boolean; value?: Uint8Array }
    if (done || value === undefined) break
    chunks.push(value)
    length += value.length
    if (length > bytesMax) throw new Error('too long')
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}
