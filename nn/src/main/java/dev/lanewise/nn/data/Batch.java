package dev.lanewise.nn.data;

import dev.lanewise.core.Tensor;

/**
 * Some samples side by side. The tensors are buffers that the next batches overwrite.
 *
 * @param index the number of the batch in its epoch
 * @param inputs [B, input shape...]
 * @param targets [B, target shape...]
 */
public record Batch(int index, Tensor inputs, Tensor targets) {

    /** B, the number of samples. */
    public int size() {
        return Math.toIntExact(inputs.size(0));
    }
}
