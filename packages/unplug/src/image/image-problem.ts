/** An image is not as images are, or not as this can read them. The message is a sentence or two. */
export class ImageProblem extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = "ImageProblem";
  }
}
