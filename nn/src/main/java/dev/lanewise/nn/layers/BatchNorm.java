package dev.lanewise.nn.layers;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.ElementType;
import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.ShapeException;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.Context;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.autograd.Parameter;
import dev.lanewise.nn.autograd.Trace;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.ops.Functional;

/**
 * Batch normalization (Ioffe and Szegedy 2015, arXiv:1502.03167) per channel of [N, C, ...]: y = (x
 * − μ) / √(σ² + ε) · weight + bias.
 *
 * <p>In training μ and σ² (biased) are the batch's, and the buffers running_mean and running_var
 * move towards them: r ← (1 − momentum) · r + momentum · batch, with the unbiased variance. In
 * inference they are the buffers. ε = 1e-5 and momentum = 0.1 unless set.
 *
 * <p>Since training moves the buffers, a {@link Trace} captures inference only.
 */
public abstract sealed class BatchNorm extends Layer permits BatchNorm1d, BatchNorm2d {

    private final Parameter weight;
    private final Parameter bias;
    private final Tensor runningMean;
    private final Tensor runningVariance;
    private final Tensor batches;
    private float epsilon = 1e-5f;
    private float momentum = 0.1f;

    BatchNorm(long channels) {
        Scope scope = Scope.current();
        Shape shape = Shape.of(channels);
        weight = param("weight", scope.ones(shape));
        bias = param("bias", scope.zeros(shape));
        runningMean = buffer("running_mean", scope.zeros(shape));
        runningVariance = buffer("running_var", scope.ones(shape));
        batches = buffer("num_batches_tracked", scope.zeros(Shape.SCALAR, ElementType.INT32));
    }

    final void setEpsilon(float value) {
        if (!(value >= 0) || Float.isInfinite(value)) {
            throw new ArgumentException(
                    "%s: epsilon must be at least 0, got %s"
                            .formatted(getClass().getSimpleName(), value));
        }
        epsilon = value;
    }

    final void setMomentum(float value) {
        if (!(value >= 0 && value <= 1)) {
            throw new ArgumentException(
                    "%s: momentum must be from 0 to 1, got %s"
                            .formatted(getClass().getSimpleName(), value));
        }
        momentum = value;
    }

    abstract boolean accepts(Shape x);

    @Override
    public final Variable forward(Variable x, Context context) {
        if (!accepts(x.shape()) || x.shape().size(1) != weight.shape().size(0)) {
            throw new ShapeException(
                    "%s: x %s does not fit %d channels"
                            .formatted(
                                    getClass().getSimpleName(), x.shape(), weight.shape().size(0)));
        }
        return context.isTraining() ? train(x) : infer(x);
    }

    private Variable train(Variable x) {
        if (Trace.isCapturing()) {
            throw new IllegalStateException(
                    getClass().getSimpleName()
                            + ": training moves running_mean and running_var, which a trace can't"
                            + " hold; capture with Context.inference(), or use"
                            + " Functional.batchNorm, which has no running statistics");
        }
        long count = x.shape().elements() / Math.max(x.shape().size(1), 1);
        if (count < 2) {
            throw new ShapeException(
                    "%s: training needs more than one value per channel, x is %s; leave out a last batch of one sample with Trainer.dropLast() or Batches.dropLast()"
                            .formatted(getClass().getSimpleName(), x.shape()));
        }
        Variable[] outputs = Functional.batchNorm(x, weight, bias, epsilon);
        float unbiased = momentum * count / (count - 1);
        Elementwise.axpby(outputs[1].value(), momentum, 1 - momentum, runningMean);
        Elementwise.axpby(outputs[2].value(), unbiased, 1 - momentum, runningVariance);
        batches.copyFrom(new int[] {batches.toIntArray()[0] + 1});
        return outputs[0];
    }

    private Variable infer(Variable x) {
        Variable variance = Functional.add(Variable.of(runningVariance), epsilon);
        Variable scale = Functional.multiply(weight, Functional.rsqrt(variance));
        Variable shift =
                Functional.subtract(bias, Functional.multiply(Variable.of(runningMean), scale));
        return Functional.channelAffine(x, scale, shift);
    }

    @Override
    protected final String attributes() {
        return weight.shape().size(0) + ", epsilon " + epsilon + ", momentum " + momentum;
    }
}
