package dev.lanewise.nn.ops;

import dev.lanewise.core.MatMul;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * C = op(A) · op(B), op an optional transpose of the last two axes: [..., m, k] × [..., k, n] is
 * [..., m, n]; axes in front are batches, which broadcast.
 *
 * @param transposeA whether A is transposed
 * @param transposeB whether B is transposed
 */
public record MatrixMultiply(boolean transposeA, boolean transposeB) implements Operation {

    @Override
    public String name() {
        return "matmul";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Shape a = inputs.get(0);
        Shape b = inputs.get(1);
        Checks.require(
                a.rank() >= 2 && b.rank() >= 2,
                "matmul: needs at least two axes on both sides, reshape vectors to matrices: "
                        + a
                        + " x "
                        + b);
        return List.of(
                MatMul.resultShape(transposeA ? transposed(a) : a, transposeB ? transposed(b) : b));
    }

    private static Shape transposed(Shape shape) {
        return shape.with(-1, shape.size(-2)).with(-2, shape.size(-1));
    }

    private Tensor a(Tensor[] inputs) {
        return transposeA ? inputs[0].transpose() : inputs[0];
    }

    private Tensor b(Tensor[] inputs) {
        return transposeB ? inputs[1].transpose() : inputs[1];
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        MatMul.matmul(a(inputs), b(inputs), outputs[0]);
    }

    @Override
    public boolean accumulate(Tensor[] inputs, Tensor sum) {
        MatMul.gemm(1, a(inputs), b(inputs), 1, sum);
        return true;
    }

    @Override
    public boolean savesInput(int input) {
        return true;
    }

    /**
     * dA = dC · op(B)ᵀ, dB = op(A)ᵀ · dC; where an operand was transposed, the transpose of that.
     */
    @Override
    public void gradient(Backward backward) {
        Variable a = backward.input(0);
        Variable b = backward.input(1);
        Variable dc = backward.outputGradient();
        if (transposeA) {
            give(backward, 0, new MatrixMultiply(transposeB, true), b, dc);
        } else {
            give(backward, 0, new MatrixMultiply(false, !transposeB), dc, b);
        }
        if (transposeB) {
            give(backward, 1, new MatrixMultiply(true, transposeA), dc, a);
        } else {
            give(backward, 1, new MatrixMultiply(!transposeA, false), a, dc);
        }
    }

    /** A gradient that is a plain product, or summed over the batches that broadcast. */
    private static void give(
            Backward backward, int input, Operation product, Variable left, Variable right) {
        if (!backward.needs(input)) {
            return;
        }
        Shape shape = backward.inputShape(input);
        if (product.outputShapes(List.of(left.shape(), right.shape())).get(0).equals(shape)) {
            backward.give(input, product, left, right);
        } else {
            backward.give(input, SumTo.sum(product.apply(left, right), shape));
        }
    }
}
