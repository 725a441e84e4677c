package dev.lanewise.nn.data;

import dev.lanewise.core.ElementType;
import dev.lanewise.core.Shape;
import dev.lanewise.core.ShapeException;
import dev.lanewise.core.Tensor;

import java.lang.foreign.MemorySegment;

/**
 * Samples that lie in two tensors: inputs [N, ...] and targets [N, ...]. The tensors are not
 * copied; they must stay open as long as the data set is used.
 */
public final class TensorDataset implements Dataset {
    private final Tensor inputs;
    private final Tensor targets;

    /**
     * A data set of these samples.
     *
     * @throws ShapeException if the tensors have no batch axis, differ in their number of samples,
     *     hold more than 2³¹ − 1 samples, or are not contiguous
     */
    public TensorDataset(Tensor inputs, Tensor targets) {
        if (inputs.rank() == 0 || targets.rank() == 0 || inputs.size(0) != targets.size(0)) {
            throw new ShapeException(
                    "TensorDataset: inputs %s and targets %s must have the same first size, one per sample"
                            .formatted(inputs.shape(), targets.shape()));
        }
        if (inputs.size(0) > Integer.MAX_VALUE) {
            throw new ShapeException(
                    "TensorDataset: %d samples are too many".formatted(inputs.size(0)));
        }
        if (!inputs.isContiguous() || !targets.isContiguous()) {
            throw new ShapeException(
                    "TensorDataset: inputs and targets must be contiguous; call contiguous() first");
        }
        this.inputs = inputs;
        this.targets = targets;
    }

    /** All inputs: [N, ...]. */
    public Tensor inputs() {
        return inputs;
    }

    /** All targets: [N, ...]. */
    public Tensor targets() {
        return targets;
    }

    @Override
    public long size() {
        return inputs.size(0);
    }

    @Override
    public Shape inputShape() {
        return inputs.shape().without(0);
    }

    @Override
    public ElementType inputType() {
        return inputs.type();
    }

    @Override
    public Shape targetShape() {
        return targets.shape().without(0);
    }

    @Override
    public ElementType targetType() {
        return targets.type();
    }

    @Override
    public void read(int[] order, int from, int count, Tensor inputRows, Tensor targetRows) {
        copyRows(inputs, order, from, count, inputRows);
        copyRows(targets, order, from, count, targetRows);
    }

    private static void copyRows(Tensor source, int[] order, int from, int count, Tensor rows) {
        long rowBytes =
                source.size(0) == 0
                        ? 0
                        : source.elements() / source.size(0) * source.type().bytes();
        source.acquire("Dataset.read");
        try {
            rows.acquire("Dataset.read");
            try {
                MemorySegment all = source.segment();
                MemorySegment out = rows.segment();
                long allStart = source.offset() * source.type().bytes();
                long outStart = rows.offset() * rows.type().bytes();
                for (int i = 0; i < count; i++) {
                    MemorySegment.copy(
                            all,
                            allStart + order[from + i] * rowBytes,
                            out,
                            outStart + i * rowBytes,
                            rowBytes);
                }
            } finally {
                rows.release();
            }
        } finally {
            source.release();
        }
    }
}
