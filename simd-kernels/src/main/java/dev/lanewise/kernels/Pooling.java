package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Max and average pooling over NCHW data: each of the {@code planes} = N·C planes on its own.
 *
 * <p>Windows outside the input are cut off for the maximum; padding must be at most half of the
 * window, so that no window is empty.
 */
public interface Pooling {

    /**
     * out[p, y, x] = the maximum of the window; indices[p, y, x] = its position in the plane (row ·
     * inWidth + column) as int32, the first one where there are several. A NaN in the window wins.
     */
    void maxPool(
            MemorySegment in,
            long inOffset,
            long planes,
            Pool2dShape shape,
            MemorySegment indices,
            long indicesOffset,
            MemorySegment out,
            long outOffset);

    /** out[p, y, x] = the maximum of the window, without the indices that only training needs. */
    void maxPoolInference(
            MemorySegment in,
            long inOffset,
            long planes,
            Pool2dShape shape,
            MemorySegment out,
            long outOffset);

    /** dIn[p, indices[p, y, x]] += dOut[p, y, x]; dIn is overwritten (zeroed first). */
    void maxPoolGradient(
            MemorySegment dOut,
            long dOutOffset,
            MemorySegment indices,
            long indicesOffset,
            long planes,
            Pool2dShape shape,
            MemorySegment dIn,
            long dInOffset);

    /**
     * out[p, y, x] = in[p, indices[p, y, x]]: the linear map whose transpose is {@link
     * #maxPoolGradient}.
     */
    void gatherPlanes(
            MemorySegment in,
            long inOffset,
            MemorySegment indices,
            long indicesOffset,
            long planes,
            Pool2dShape shape,
            MemorySegment out,
            long outOffset);

    /**
     * out[p, y, x] = the window's sum divided by its size (with padding counted) or by the elements
     * inside the input. The k elements inside the input are added row by row, so the error is at
     * most k · 2⁻²⁴ · Σ |x| / that number.
     */
    void averagePool(
            MemorySegment in,
            long inOffset,
            long planes,
            Pool2dShape shape,
            boolean countPadding,
            MemorySegment out,
            long outOffset);

    /**
     * The gradient of {@link #averagePool}: dIn = Σ over the windows with the element of dOut / the
     * number that the window's sum is divided by; overwritten. Error with k such windows: at most k
     * · 2⁻²⁴ · Σ |terms|.
     */
    void averagePoolGradient(
            MemorySegment dOut,
            long dOutOffset,
            long planes,
            Pool2dShape shape,
            boolean countPadding,
            MemorySegment dIn,
            long dInOffset);
}
