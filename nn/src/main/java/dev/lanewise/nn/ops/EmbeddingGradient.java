package dev.lanewise.nn.ops;

import dev.lanewise.core.Indexing;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.Arrays;
import java.util.List;

/**
 * The transpose of {@link EmbeddingLookup}: dweight[ids[...], :] += dy[..., :], in the order of the
 * ids, from zeros: dy: [S..., D], ids: int32 [S...], dweight: [V, D]. Its own gradient is the
 * lookup.
 *
 * @param rows V
 * @param padding the id that adds nothing, or −1 for none
 */
public record EmbeddingGradient(long rows, int padding) implements Operation {

    @Override
    public String name() {
        return "embedding gradient";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Shape dy = inputs.get(0);
        Checks.same(name(), dy.without(-1), inputs.get(1));
        return List.of(Shape.of(rows, dy.size(-1)));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        outputs[0].fill(0);
        accumulate(inputs, outputs[0]);
    }

    @Override
    public boolean accumulate(Tensor[] inputs, Tensor sum) {
        try (Scope _ = Scope.open()) {
            Tensor ids = inputs[1].flatten();
            Tensor dy = inputs[0].reshape(ids.elements(), sum.size(1));
            if (padding < 0) {
                Indexing.indexAdd(sum, 0, ids, dy);
            } else {
                addRuns(ids, dy, sum);
            }
        }
        return true;
    }

    /** Adds the runs between padding, which mostly stands at the end. */
    private void addRuns(Tensor ids, Tensor dy, Tensor sum) {
        int[] id = ids.toIntArray();
        for (int from = 0; from < id.length; from++) {
            int to = from;
            while (to < id.length && id[to] != padding) {
                to++;
            }
            if (to > from) {
                Indexing.indexAdd(sum, 0, ids.slice(0, from, to), dy.slice(0, from, to));
            }
            from = to;
        }
    }

    @Override
    public boolean savesInput(int input) {
        return input == 1;
    }

    @Override
    public void gradient(Backward backward) {
        if (!backward.needs(0)) {
            return;
        }
        Variable g = backward.outputGradient();
        if (padding >= 0) {
            float[] keeps = new float[Math.toIntExact(rows)];
            Arrays.fill(keeps, 1);
            keeps[padding] = 0;
            Tensor mask = Scope.current().of(keeps, Shape.of(rows, 1));
            g = Functional.multiply(g, Variable.of(mask));
        }
        backward.give(0, new EmbeddingLookup(padding), g, backward.input(1));
    }
}
