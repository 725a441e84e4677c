package dev.lanewise.nn.losses;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.ElementType;
import dev.lanewise.core.Reductions;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.ShapeException;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.ops.CrossEntropyWithLogits;
import dev.lanewise.nn.ops.Functional;

/**
 * Cross-entropy of logits x: [N, C], p = softmax x, as in PyTorch. The type of the target says
 * which:
 *
 * <ul>
 *   <li>Classes t: int32 [N]: the sum over n of (1 − ε) · w[t] · (−log p[t]) + ε/C · Σ over c of
 *       w[c] · (−log p[c]), divided by Σ over n of w[t] for the mean. Rows of the ignored class,
 *       −100 unless set, count nothing.
 *   <li>Class probabilities y: float32 [N, C], each row summing to 1 (soft labels, as of mixup or a
 *       teacher): the sum over n, c of (y · (1 − ε) + ε/C) · w[c] · (−log p[c]), divided by N for
 *       the mean, whatever the weights; a term whose first two factors give 0 is 0, also for p = 0.
 * </ul>
 *
 * <p>Immutable; ε (label smoothing) is 0 and w (class weights) all 1 unless set.
 */
public final class CrossEntropy implements Loss {

    /** How far above 1 a computed probability may be. */
    private static final float ROUNDING = 1e-4f;

    private final float labelSmoothing;
    private final float[] classWeights;
    private final int ignored;
    private final boolean mean;

    CrossEntropy() {
        this(0, null, -100, true);
    }

    private CrossEntropy(float labelSmoothing, float[] classWeights, int ignored, boolean mean) {
        this.labelSmoothing = labelSmoothing;
        this.classWeights = classWeights;
        this.ignored = ignored;
        this.mean = mean;
    }

    /** With label smoothing ε (Szegedy et al. 2015, arXiv:1512.00567), from 0 to 1. */
    public CrossEntropy labelSmoothing(float epsilon) {
        // The operation checks the range.
        CrossEntropyWithLogits checked = new CrossEntropyWithLogits(epsilon, ignored, mean);
        return new CrossEntropy(checked.smoothing(), classWeights, ignored, mean);
    }

    /** With one weight per class. */
    public CrossEntropy classWeights(float... weights) {
        return new CrossEntropy(labelSmoothing, weights.clone(), ignored, mean);
    }

    /** With rows of this class, which need not be one of 0..C−1, counting nothing. */
    public CrossEntropy ignoredClass(int value) {
        return new CrossEntropy(labelSmoothing, classWeights, value, mean);
    }

    /** The sum over the batch instead of the weighted mean. */
    public CrossEntropy sum() {
        return new CrossEntropy(labelSmoothing, classWeights, ignored, false);
    }

    /**
     * {@inheritDoc}
     *
     * @throws dev.lanewise.core.ShapeException if the target is neither [N] nor [N, C], or there is
     *     not one weight per class
     * @throws ArgumentException if a class is neither one of 0..C−1 nor the ignored one, or a
     *     probability not from 0 to 1
     */
    @Override
    public Variable of(Variable logits, Tensor target) {
        Variable weights =
                classWeights == null ? null : Variable.of(Scope.current().of(classWeights));
        if (target.type() == ElementType.FLOAT32 && target.rank() != 1) {
            return ofProbabilities(Functional.logSoftmax(logits, -1), target, weights);
        }
        CrossEntropyWithLogits loss = new CrossEntropyWithLogits(labelSmoothing, ignored, mean);
        Variable labels = Variable.of(target);
        return weights == null
                ? loss.applyAll(logits, labels)[0]
                : loss.applyAll(logits, labels, weights)[0];
    }

    private Variable ofProbabilities(Variable logP, Tensor target, Variable weights) {
        checkProbabilities(logP.shape(), target, weights);
        Variable y = Variable.of(target);
        if (labelSmoothing > 0) {
            float share = labelSmoothing / logP.shape().size(1);
            y = Functional.add(Functional.multiply(y, 1 - labelSmoothing), share);
        }
        if (weights != null) {
            y = Functional.multiply(y, weights);
        }
        Variable sum = Functional.sum(new TargetProduct().apply(y, logP));
        return Functional.multiply(sum, mean ? -1f / logP.shape().size(0) : -1f);
    }

    private static void checkProbabilities(Shape logits, Tensor target, Variable weights) {
        if (logits.rank() != 2 || !target.shape().equals(logits)) {
            throw new ShapeException(
                    "crossEntropy: needs one probability per class: predictions %s, targets %s"
                            .formatted(logits, target.shape()));
        }
        if (weights != null && !weights.shape().equals(Shape.of(logits.size(1)))) {
            throw new ShapeException(
                    "crossEntropy: needs one weight per class: predictions %s, weights %s"
                            .formatted(logits, weights.shape()));
        }
        if (target.elements() == 0) {
            return;
        }
        float least = Reductions.min(target).item();
        float most = Reductions.max(target).item();
        if (!(least >= 0 && most <= 1 + ROUNDING)) {
            throw new ArgumentException(
                    "crossEntropy: float32 targets are class probabilities from 0 to 1, these go"
                            + " from %s to %s; for logits take the softmax, for class numbers"
                                    .formatted(least, most)
                            + " int32");
        }
    }
}
