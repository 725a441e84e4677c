package dev.lanewise.nn.data;

import dev.lanewise.core.ElementType;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;

/**
 * Numbered samples, each an input and a target.
 *
 * <p>A data set fills batches that others own, so that going through it takes no tensor memory.
 * {@link #read} must stand several threads at once: each epoch has a reading thread of its own, and
 * a listener may go through the same data meanwhile.
 *
 * <p>A reader that is closed early interrupts its thread and waits until {@code read} returns: one
 * that takes long should look at the interrupt. An interrupt also closes a {@link
 * java.nio.channels.FileChannel} that the thread is using; a data set that keeps one open should
 * read through a {@link java.io.RandomAccessFile}, or open it again.
 */
public interface Dataset {

    /** The number of samples. */
    long size();

    /** The shape of one input, without the batch axis. */
    Shape inputShape();

    /** The element type of inputs. */
    default ElementType inputType() {
        return ElementType.FLOAT32;
    }

    /** The shape of one target, without the batch axis; {@link Shape#SCALAR} for class labels. */
    Shape targetShape();

    /** The element type of targets: int32 for class labels, else float32. */
    ElementType targetType();

    /**
     * Copies the samples {@code order[from]} to {@code order[from + count − 1]} into the first
     * {@code count} rows of two contiguous tensors.
     *
     * @param order sample numbers
     * @param from the first position in {@code order}
     * @param count how many samples
     * @param inputs [rows ≥ count, input shape...]
     * @param targets [rows ≥ count, target shape...]
     */
    void read(int[] order, int from, int count, Tensor inputs, Tensor targets);
}
