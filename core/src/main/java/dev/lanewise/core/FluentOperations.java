package dev.lanewise.core;

/**
 * The operations of tensors in fluent form: each is one call of a static method of its family.
 * Results go to the current scope.
 */
abstract sealed class FluentOperations permits Tensor {

    private Tensor self() {
        return (Tensor) this;
    }

    // ---- arithmetic, with broadcasting ----

    /** this + b, elementwise. */
    public Tensor add(Tensor b) {
        return Elementwise.add(self(), b);
    }

    /** this + s, elementwise. */
    public Tensor add(float s) {
        return Elementwise.add(self(), s);
    }

    /** this − b, elementwise. */
    public Tensor subtract(Tensor b) {
        return Elementwise.subtract(self(), b);
    }

    /** this − s, elementwise. */
    public Tensor subtract(float s) {
        return Elementwise.subtract(self(), s);
    }

    /** this · b, elementwise. */
    public Tensor multiply(Tensor b) {
        return Elementwise.multiply(self(), b);
    }

    /** this · s, elementwise. */
    public Tensor multiply(float s) {
        return Elementwise.multiply(self(), s);
    }

    /** this / b, elementwise. */
    public Tensor divide(Tensor b) {
        return Elementwise.divide(self(), b);
    }

    /** this / s, elementwise. */
    public Tensor divide(float s) {
        return Elementwise.divide(self(), s);
    }

    /** max(this, b), elementwise. */
    public Tensor maximum(Tensor b) {
        return Elementwise.maximum(self(), b);
    }

    /** max(this, s), elementwise. */
    public Tensor maximum(float s) {
        return Elementwise.maximum(self(), s);
    }

    /** min(this, b), elementwise. */
    public Tensor minimum(Tensor b) {
        return Elementwise.minimum(self(), b);
    }

    /** min(this, s), elementwise. */
    public Tensor minimum(float s) {
        return Elementwise.minimum(self(), s);
    }

    /** min(max(this, low), high), elementwise. */
    public Tensor clamp(float low, float high) {
        return Elementwise.clamp(self(), low, high);
    }

    /** −this, elementwise. */
    public Tensor negate() {
        return Elementwise.negate(self());
    }

    /** |this|, elementwise. */
    public Tensor abs() {
        return Elementwise.abs(self());
    }

    /** The sign, elementwise: −1, 0 or 1. */
    public Tensor sign() {
        return Elementwise.sign(self());
    }

    /** this², elementwise. */
    public Tensor square() {
        return Elementwise.square(self());
    }

    /** 1 / this, elementwise. */
    public Tensor reciprocal() {
        return Elementwise.reciprocal(self());
    }

    // ---- functions ----

    /** eˣ, elementwise. */
    public Tensor exp() {
        return Transcendentals.exp(self());
    }

    /** ln x, elementwise. */
    public Tensor log() {
        return Transcendentals.log(self());
    }

    /** tanh x, elementwise. */
    public Tensor tanh() {
        return Transcendentals.tanh(self());
    }

    /** 1 / (1 + e⁻ˣ), elementwise. */
    public Tensor sigmoid() {
        return Transcendentals.sigmoid(self());
    }

    /** erf x, elementwise. */
    public Tensor erf() {
        return Transcendentals.erf(self());
    }

    /** sin x, elementwise. */
    public Tensor sin() {
        return Transcendentals.sin(self());
    }

    /** cos x, elementwise. */
    public Tensor cos() {
        return Transcendentals.cos(self());
    }

    /** √x, elementwise. */
    public Tensor sqrt() {
        return Transcendentals.sqrt(self());
    }

    /** 1 / √x, elementwise. */
    public Tensor rsqrt() {
        return Transcendentals.rsqrt(self());
    }

    /** this to the power b, elementwise. */
    public Tensor pow(Tensor b) {
        return Transcendentals.pow(self(), b);
    }

    /** this to the power s, elementwise. */
    public Tensor pow(float s) {
        return Transcendentals.pow(self(), s);
    }

    /** max(x, 0), elementwise. */
    public Tensor relu() {
        return Activations.relu(self());
    }

    /** x · Φ(x), elementwise. */
    public Tensor gelu() {
        return Activations.gelu(self());
    }

    /** x · sigmoid(x), elementwise. */
    public Tensor silu() {
        return Activations.silu(self());
    }

    /** ln(1 + eˣ), elementwise. */
    public Tensor softplus() {
        return Activations.softplus(self());
    }

    /** x if x &gt; 0, else slope · x, elementwise. */
    public Tensor leakyRelu(float slope) {
        return Activations.leakyRelu(self(), slope);
    }

    /** e^xᵢ / Σ e^x along an axis. */
    public Tensor softmax(int axis) {
        return Softmaxes.softmax(self(), axis);
    }

    /** ln softmax along an axis. */
    public Tensor logSoftmax(int axis) {
        return Softmaxes.logSoftmax(self(), axis);
    }

    // ---- comparison: 1 where it holds, else 0 ----

    /** this = b, elementwise. */
    public Tensor equal(Tensor b) {
        return Comparisons.equal(self(), b);
    }

    /** this ≠ b, elementwise. */
    public Tensor notEqual(Tensor b) {
        return Comparisons.notEqual(self(), b);
    }

    /** this &lt; b, elementwise. */
    public Tensor less(Tensor b) {
        return Comparisons.less(self(), b);
    }

    /** this ≤ b, elementwise. */
    public Tensor lessOrEqual(Tensor b) {
        return Comparisons.lessOrEqual(self(), b);
    }

    /** this &gt; b, elementwise. */
    public Tensor greater(Tensor b) {
        return Comparisons.greater(self(), b);
    }

    /** this ≥ b, elementwise. */
    public Tensor greaterOrEqual(Tensor b) {
        return Comparisons.greaterOrEqual(self(), b);
    }

    /** this = s, elementwise. */
    public Tensor equal(float s) {
        return Comparisons.equal(self(), s);
    }

    /** this = s, elementwise; exact for an int32 tensor. */
    public Tensor equal(int s) {
        return Comparisons.equal(self(), s);
    }

    /** this &lt; s, elementwise. */
    public Tensor less(float s) {
        return Comparisons.less(self(), s);
    }

    /** this &lt; s, elementwise; exact for an int32 tensor. */
    public Tensor less(int s) {
        return Comparisons.less(self(), s);
    }

    /** this ≤ s, elementwise. */
    public Tensor lessOrEqual(float s) {
        return Comparisons.lessOrEqual(self(), s);
    }

    /** this ≤ s, elementwise; exact for an int32 tensor. */
    public Tensor lessOrEqual(int s) {
        return Comparisons.lessOrEqual(self(), s);
    }

    /** this &gt; s, elementwise. */
    public Tensor greater(float s) {
        return Comparisons.greater(self(), s);
    }

    /** this &gt; s, elementwise; exact for an int32 tensor. */
    public Tensor greater(int s) {
        return Comparisons.greater(self(), s);
    }

    /** this ≥ s, elementwise. */
    public Tensor greaterOrEqual(float s) {
        return Comparisons.greaterOrEqual(self(), s);
    }

    /** this ≥ s, elementwise; exact for an int32 tensor. */
    public Tensor greaterOrEqual(int s) {
        return Comparisons.greaterOrEqual(self(), s);
    }

    /** a where this is not 0, else b. */
    public Tensor where(Tensor a, Tensor b) {
        return Comparisons.where(self(), a, b);
    }

    /** Whether |this − b| ≤ atol + rtol · |b| everywhere; NaN is close to nothing. */
    public boolean allClose(Tensor b, float rtol, float atol) {
        return Comparisons.allClose(self(), b, rtol, atol);
    }

    /** Whether type, shape and bits agree; NaN equals NaN, −0 differs from +0. */
    public boolean contentEquals(Tensor b) {
        return Comparisons.contentEquals(self(), b);
    }

    // ---- reductions ----

    /** Σ x over all elements: a scalar tensor. */
    public Tensor sum() {
        return Reductions.sum(self());
    }

    /** Σ x along an axis, which disappears. */
    public Tensor sum(int axis) {
        return Reductions.sum(self(), axis, false);
    }

    /** Σ x along an axis, which stays with size 1 if {@code keepDim}. */
    public Tensor sum(int axis, boolean keepDim) {
        return Reductions.sum(self(), axis, keepDim);
    }

    /** The mean over all elements: a scalar tensor. */
    public Tensor mean() {
        return Reductions.mean(self());
    }

    /** The mean along an axis, which disappears. */
    public Tensor mean(int axis) {
        return Reductions.mean(self(), axis, false);
    }

    /** The mean along an axis, which stays with size 1 if {@code keepDim}. */
    public Tensor mean(int axis, boolean keepDim) {
        return Reductions.mean(self(), axis, keepDim);
    }

    /** The largest element over all elements: a scalar tensor. */
    public Tensor max() {
        return Reductions.max(self());
    }

    /** The largest element along an axis, which disappears. */
    public Tensor max(int axis) {
        return Reductions.max(self(), axis, false);
    }

    /** The largest element along an axis, which stays with size 1 if {@code keepDim}. */
    public Tensor max(int axis, boolean keepDim) {
        return Reductions.max(self(), axis, keepDim);
    }

    /** The smallest element over all elements: a scalar tensor. */
    public Tensor min() {
        return Reductions.min(self());
    }

    /** The smallest element along an axis, which disappears. */
    public Tensor min(int axis) {
        return Reductions.min(self(), axis, false);
    }

    /** The smallest element along an axis, which stays with size 1 if {@code keepDim}. */
    public Tensor min(int axis, boolean keepDim) {
        return Reductions.min(self(), axis, keepDim);
    }

    /** Σ (x − mean)² / count over all elements: a scalar tensor. */
    public Tensor variance() {
        return Reductions.variance(self());
    }

    /** Σ (x − mean)² / count along an axis, which disappears. */
    public Tensor variance(int axis) {
        return Reductions.variance(self(), axis, false);
    }

    /** Σ (x − mean)² / count along an axis, which stays with size 1 if {@code keepDim}. */
    public Tensor variance(int axis, boolean keepDim) {
        return Reductions.variance(self(), axis, keepDim);
    }

    /** √Σ x² over all elements: a scalar tensor. */
    public Tensor norm() {
        return Reductions.norm(self());
    }

    /** √Σ x² along an axis, which disappears. */
    public Tensor norm(int axis) {
        return Reductions.norm(self(), axis, false);
    }

    /** √Σ x² along an axis, which stays with size 1 if {@code keepDim}. */
    public Tensor norm(int axis, boolean keepDim) {
        return Reductions.norm(self(), axis, keepDim);
    }

    /** The index of the largest element in row-major order: an int32 scalar. */
    public Tensor argMax() {
        return Extrema.argMax(self());
    }

    /** The index of the largest element along an axis, which disappears: int32. */
    public Tensor argMax(int axis) {
        return Extrema.argMax(self(), axis, false);
    }

    /** The index of the smallest element in row-major order: an int32 scalar. */
    public Tensor argMin() {
        return Extrema.argMin(self());
    }

    /** The index of the smallest element along an axis, which disappears: int32. */
    public Tensor argMin(int axis) {
        return Extrema.argMin(self(), axis, false);
    }

    // ---- products and indexing ----

    /** this × b, with NumPy's rules for vectors and batches. */
    public Tensor matmul(Tensor b) {
        return MatMul.matmul(self(), b);
    }

    /** The slices along an axis that the int32 indices name. */
    public Tensor indexSelect(int axis, Tensor indices) {
        return Indexing.indexSelect(self(), axis, indices);
    }

    /** One element along an axis for each index. */
    public Tensor gather(int axis, Tensor indices) {
        return Indexing.gather(self(), axis, indices);
    }
}
