package dev.lanewise.nn.ops;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.ElementType;
import dev.lanewise.core.Indexing;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;

import java.util.List;

/**
 * y[..., :] = weight[ids[...], :]: weight: [V, D], ids: int32 of any shape S, y: [S..., D]. The
 * gradient is {@link EmbeddingGradient}.
 *
 * @param padding the id whose row gets no gradient, or −1 for none
 */
public record EmbeddingLookup(int padding) implements Operation {

    @Override
    public String name() {
        return "embedding";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Shape weight = inputs.get(0);
        Checks.rank(name(), "weight", weight, 2, "[V, D]");
        return List.of(inputs.get(1).inserting(-1, weight.size(1)));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Tensor ids = checkIds(inputs[1]);
        Shape rows = Shape.of(ids.elements(), inputs[0].size(1));
        Indexing.indexSelect(inputs[0], 0, ids.flatten(), outputs[0].reshape(rows));
    }

    /** Refuses ids that are no ints, in words of embeddings. */
    static Tensor checkIds(Tensor ids) {
        if (ids.type() != ElementType.INT32) {
            throw new ArgumentException(
                    "embedding: ids must be int32, got " + ids.type() + " " + ids.shape());
        }
        return ids;
    }

    @Override
    public boolean savesInput(int input) {
        return input == 1;
    }

    @Override
    public void gradient(Backward backward) {
        if (backward.needs(0)) {
            long rows = backward.inputShape(0).size(0);
            EmbeddingGradient gradient = new EmbeddingGradient(rows, padding);
            backward.give(0, gradient, backward.outputGradient(), backward.input(1));
        }
    }
}
