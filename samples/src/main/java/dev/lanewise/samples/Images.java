package dev.lanewise.samples;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.data.TensorDataset;
import dev.lanewise.samples.data.ImageSet;

/** Pictures as tensors. */
final class Images {
    private static final int PART = 1_000;

    private Images() {}

    /** Brightness 0 to 1 [N, 1, H, W] with labels [N], in the current scope. */
    static TensorDataset dataset(ImageSet set) {
        Shape shape = Shape.of(set.size(), 1, set.height(), set.width());
        Tensor inputs = Scope.current().empty(shape);
        for (int from = 0; from < set.size(); from += PART) { // spares the heap
            int to = Math.min(from + PART, set.size());
            inputs.slice(0, from, to).copyFrom(set.range(from, to).brightness());
        }
        return new TensorDataset(inputs, Scope.current().ofInts(set.labelInts()));
    }

    /** One picture as a batch: [1, 1, H, W], in the current scope. */
    static Tensor batchOf(ImageSet set, int image) {
        return Scope.current().of(set.brightness(image), Shape.of(1, 1, set.height(), set.width()));
    }
}
