/**
 * File formats: safetensors, npy and npz.
 *
 * <p>Readers trust nothing. Everything a file says about itself is checked against {@link
 * dev.lanewise.core.io.ParseLimits} and against the size of the file before memory is taken; what
 * is wrong with a file's content is a {@link dev.lanewise.core.io.ModelFormatException}, what is
 * wrong with the disk an {@link java.io.UncheckedIOException}. A read that fails leaves no tensor
 * behind. Writers write a new file beside the target, flush it to the disk and rename it: readers
 * see the old file or the new one, never half of one.
 *
 * <p>Tensors are float32 or int32, so other element types are converted while reading, as {@link
 * dev.lanewise.core.io.StoredType} says.
 */
package dev.lanewise.core.io;
