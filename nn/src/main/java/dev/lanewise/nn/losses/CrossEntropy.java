package dev.lanewise.nn.losses;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.ops.Functional;
import dev.lanewise.nn.ops.NegativeLogLikelihood;

/**
 * Cross-entropy of logits x: [N, C] against classes t: int32 [N], as in PyTorch: the weighted mean
 * over n of (1 − ε) · w[t] · (−log p[t]) + ε/C · Σ over c of w[c] · (−log p[c]), p = softmax x,
 * divided by Σ over n of w[t].
 *
 * <p>Immutable; ε (label smoothing) is 0 and w (class weights) all 1 unless set.
 */
public final class CrossEntropy implements Loss {

    private final float labelSmoothing;
    private final float[] classWeights;
    private final boolean mean;

    CrossEntropy() {
        this(0, null, true);
    }

    private CrossEntropy(float labelSmoothing, float[] classWeights, boolean mean) {
        this.labelSmoothing = labelSmoothing;
        this.classWeights = classWeights;
        this.mean = mean;
    }

    /** With label smoothing ε (Szegedy et al. 2015, arXiv:1512.00567), from 0 to 1. */
    public CrossEntropy labelSmoothing(float epsilon) {
        // The operation checks the range.
        NegativeLogLikelihood checked = new NegativeLogLikelihood(epsilon, mean);
        return new CrossEntropy(checked.smoothing(), classWeights, mean);
    }

    /** With one weight per class. */
    public CrossEntropy classWeights(float... weights) {
        return new CrossEntropy(labelSmoothing, weights.clone(), mean);
    }

    /** The sum over the batch instead of the weighted mean. */
    public CrossEntropy sum() {
        return new CrossEntropy(labelSmoothing, classWeights, false);
    }

    @Override
    public Variable of(Variable logits, Tensor classes) {
        Variable logProbabilities = Functional.logSoftmax(logits, -1);
        NegativeLogLikelihood likelihood = new NegativeLogLikelihood(labelSmoothing, mean);
        Variable labels = Variable.of(classes);
        if (classWeights == null) {
            return likelihood.apply(logProbabilities, labels);
        }
        Variable weights = Variable.of(Scope.current().of(classWeights));
        return likelihood.apply(logProbabilities, labels, weights);
    }
}
