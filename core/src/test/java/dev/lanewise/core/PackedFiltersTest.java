package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.testing.Draw;
import dev.lanewise.core.testing.NoLeaks;
import dev.lanewise.core.testing.Property;
import dev.lanewise.kernels.ConvolutionAlgorithm;
import dev.lanewise.kernels.FusedActivation;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.List;

@ExtendWith(NoLeaks.class)
class PackedFiltersTest {
    private static final FusedActivation RELU = FusedActivation.RELU;
    private static final FusedActivation NONE = FusedActivation.NONE;

    private static Conv2dOptions options(Draw draw) {
        return new Conv2dOptions(
                        draw.between(1, 3),
                        draw.between(1, 2),
                        draw.between(0, 2),
                        draw.between(0, 2),
                        draw.between(0, 2),
                        draw.between(0, 2),
                        draw.between(1, 2),
                        draw.between(1, 2),
                        draw.oneOf(1, 1, 2, 3))
                .algorithm(draw.flip() ? ConvolutionAlgorithm.DIRECT : ConvolutionAlgorithm.FAST);
    }

    /** A weight, at times a view with gaps. */
    private static Tensor weight(Draw draw, Shape shape) {
        Tensor weight = Nd.layOut(draw, shape, ElementType.FLOAT32);
        Copies.copy(Nd.random(draw, shape, 1), weight);
        return weight;
    }

    @Test
    void convolutionsHaveTheBitsOfUnpackedOnes() {
        Property.check(
                150,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Conv2dOptions options = options(draw);
                        int rows = draw.between(1, 3);
                        int columns = draw.between(1, 3);
                        long channels = draw.between(1, 4);
                        Shape size =
                                Shape.of(
                                        options.groups() * draw.between(1, 20),
                                        channels,
                                        rows,
                                        columns);
                        Tensor weight = weight(draw, size);
                        long h = (rows - 1) * options.dilationHeight() + draw.between(1, 9);
                        long w = (columns - 1) * options.dilationWidth() + draw.between(1, 20);
                        PackedFilters filters = PackedFilters.of(weight, options, h, w);
                        assertThat(filters.shape()).isEqualTo(weight.shape());
                        assertThat(filters.options()).isEqualTo(options);
                        Tensor bias = Nd.random(draw, Shape.of(weight.size(0)), 1);
                        for (int batch : new int[] {draw.between(1, 5), 0, 1}) {
                            Shape images = Shape.of(batch, options.groups() * channels, h, w);
                            Tensor x = weight(draw, images);
                            Tensor plain = Convolutions.conv2d(x, weight, options, RELU);
                            same(filters.conv2d(x, RELU), plain);
                            Tensor out = Nd.layOut(draw, plain.shape(), ElementType.FLOAT32);
                            out.fill(Float.NaN);
                            assertThat(filters.conv2d(x, RELU, out)).isSameAs(out);
                            same(out, plain);
                            Tensor biased = Convolutions.conv2d(x, weight, bias, options, NONE);
                            same(filters.conv2d(x, bias, NONE), biased);
                            out.fill(Float.NaN);
                            assertThat(filters.conv2d(x, bias, NONE, out)).isSameAs(out);
                            same(out, biased);
                        }
                    }
                });
    }

    @Test
    void transposedConvolutionsHaveTheBitsOfUnpackedOnes() {
        Property.check(
                150,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Conv2dOptions convolution = options(draw);
                        var options =
                                new ConvTranspose2dOptions(
                                        convolution,
                                        draw.between(0, convolution.strideHeight() - 1),
                                        draw.between(0, convolution.strideWidth() - 1));
                        int groups = convolution.groups();
                        long channels = (long) groups * draw.between(1, 12);
                        Shape size =
                                Shape.of(
                                        channels,
                                        draw.between(1, 4),
                                        draw.between(1, 3),
                                        draw.between(1, 3));
                        Tensor weight = weight(draw, size);
                        long h = draw.between(5, 9);
                        long w = draw.between(5, 20);
                        var filters = PackedTransposedFilters.of(weight, options, h, w);
                        assertThat(filters.shape()).isEqualTo(weight.shape());
                        assertThat(filters.options()).isEqualTo(options);
                        Tensor bias = Nd.random(draw, Shape.of(groups * weight.size(1)), 1);
                        for (int batch : new int[] {draw.between(1, 5), 0}) {
                            Tensor x = weight(draw, Shape.of(batch, channels, h, w));
                            Tensor plain =
                                    TransposedConvolutions.convTranspose2d(
                                            x, weight, options, RELU);
                            same(filters.convTranspose2d(x, RELU), plain);
                            Tensor out = Nd.layOut(draw, plain.shape(), ElementType.FLOAT32);
                            out.fill(Float.NaN);
                            assertThat(filters.convTranspose2d(x, RELU, out)).isSameAs(out);
                            same(out, plain);
                            Tensor biased =
                                    TransposedConvolutions.convTranspose2d(
                                            x, weight, bias, options, NONE);
                            same(filters.convTranspose2d(x, bias, NONE), biased);
                            out.fill(Float.NaN);
                            assertThat(filters.convTranspose2d(x, bias, NONE, out)).isSameAs(out);
                            same(out, biased);
                        }
                    }
                });
    }

    private static void same(Tensor actual, Tensor expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        assertThat(actual.contentEquals(expected)).isTrue();
    }

    /** 8x8 images have 4 tiles: one image is too few for unpacked filters to be transformed. */
    @Test
    void transformedFiltersGiveAnImageTheSameBitsInAnyBatch() {
        RandomStream random = new RandomStream(4);
        Conv2dOptions fast = Conv2dOptions.of(1, 1);
        try (Scope scope = Scope.open()) {
            Tensor weight = scope.randn(Shape.of(32, 32, 3, 3), random);
            Tensor x = scope.randn(Shape.of(9, 32, 8, 8), random);
            PackedFilters filters = PackedFilters.of(weight, fast, 8, 8);
            Tensor all = filters.conv2d(x, NONE);
            same(all, Convolutions.conv2d(x, weight, fast, NONE));
            try (var _ = Workers.using(2)) {
                same(filters.conv2d(x, NONE), all);
            }
            Tensor last = filters.conv2d(x.slice(0, 8, 9), NONE);
            same(last, all.slice(0, 8, 9));
            Tensor direct =
                    Convolutions.conv2d(
                            x, weight, fast.algorithm(ConvolutionAlgorithm.DIRECT), NONE);
            assertThat(last.contentEquals(direct.slice(0, 8, 9))).isFalse();
            assertThat(last.allClose(direct.slice(0, 8, 9), 0, 1e-3f)).isTrue();

            PackedFilters exact =
                    PackedFilters.of(weight, fast.algorithm(ConvolutionAlgorithm.DIRECT), 8, 8);
            same(exact.conv2d(x, NONE), direct);
            assertThat(filters.bytes()).isGreaterThan(3 * exact.bytes());
        }
    }

    /** Enough filters that threads share their packing: transformed, in panels, as they are. */
    @Test
    void filtersPackedByThreadsHaveTheSameBits() {
        RandomStream random = new RandomStream(5);
        Conv2dOptions direct = Conv2dOptions.of(1, 1).algorithm(ConvolutionAlgorithm.DIRECT);
        for (Conv2dOptions options :
                List.of(Conv2dOptions.of(1, 1), Conv2dOptions.of(2, 1), direct)) {
            try (Scope scope = Scope.open()) {
                // too few filters for panels where they are to lie as they are
                Shape filters =
                        options == direct ? Shape.of(100, 176, 3, 3) : Shape.of(208, 80, 3, 3);
                Tensor weight = scope.randn(filters, random);
                Tensor x = scope.randn(Shape.of(1, filters.size(1), 16, 16), random);
                Tensor alone = PackedFilters.of(weight, options, 16, 16).conv2d(x, NONE);
                try (var _ = Workers.using(2)) {
                    same(PackedFilters.of(weight, options, 16, 16).conv2d(x, NONE), alone);
                    same(Convolutions.conv2d(x, weight, options, NONE), alone);
                }
            }
        }
    }

    @Test
    void filtersLiveInAScope() {
        try (Scope outer = Scope.open()) {
            Conv2dOptions options = Conv2dOptions.of(1, 0);
            Tensor x = outer.ones(Shape.of(1, 1, 3, 3));
            PackedFilters kept;
            PackedFilters lost;
            PackedTransposedFilters transposed;
            PackedTransposedFilters lostTransposed;
            try (Scope scope = Scope.open()) {
                Tensor weight = scope.ones(Shape.of(1, 1, 3, 3));
                kept = PackedFilters.of(weight, options, 3, 3);
                lost = PackedFilters.of(weight, options, 3, 3);
                var back = ConvTranspose2dOptions.of(1, 1, 0);
                transposed = PackedTransposedFilters.of(weight, back, 3, 3);
                lostTransposed = PackedTransposedFilters.of(weight, back, 3, 3);
                weight.fill(7);
                assertThat(kept.scope()).isSameAs(scope);
                assertThat(transposed.scope()).isSameAs(scope);
                assertThat(kept.keepIn(outer)).isSameAs(kept);
                assertThat(transposed.keepIn(outer)).isSameAs(transposed);
            }
            assertThat(kept.scope()).isSameAs(outer);
            long live = Scope.liveBytes();
            assertThat(kept.conv2d(x, NONE, outer.empty(Shape.of(1, 1, 1, 1))).toArray())
                    .containsExactly(9);
            assertThat(transposed.convTranspose2d(x, NONE).toArray())
                    .containsExactly(4, 6, 4, 6, 9, 6, 4, 6, 4);
            assertThat(Scope.liveBytes() - live).isLessThanOrEqualTo(256);
            String message =
                    ": a tensor is used after its scope was closed;"
                            + " keep(tensor) in an outer scope lets it live longer";
            PackedFilters closed = lost;
            PackedTransposedFilters closedToo = lostTransposed;
            check(
                    () -> closed.conv2d(x, NONE),
                    ScopeException.class,
                    "PackedFilters.conv2d" + message);
            check(
                    () -> closedToo.convTranspose2d(x, NONE),
                    ScopeException.class,
                    "PackedTransposedFilters.convTranspose2d" + message);
        }
    }

    @Test
    void wrongArgumentsAreExplained() {
        try (Scope scope = Scope.open()) {
            Conv2dOptions options = Conv2dOptions.of(1, 1);
            Tensor weight = scope.ones(Shape.of(4, 3, 3, 3));
            PackedFilters filters = PackedFilters.of(weight, options, 8, 9);
            assertThat(filters)
                    .hasToString(
                            "PackedFilters [4, 3, 3, 3] for images [3, 8, 9], "
                                    + filters.bytes()
                                    + " bytes");
            Tensor x = scope.ones(Shape.of(2, 3, 8, 9));
            check(
                    () -> PackedFilters.of(scope.ones(Shape.of(3, 3)), options, 8, 9),
                    ShapeException.class,
                    "PackedFilters.of: weight must be [K, C/groups, h, w] and images at least 1x1,"
                            + " got [3, 3] and 8x9");
            check(
                    () -> PackedFilters.of(weight, options, 8, 0),
                    ShapeException.class,
                    "PackedFilters.of: weight must be [K, C/groups, h, w] and images at least 1x1,"
                            + " got [4, 3, 3, 3] and 8x0");
            check(
                    () -> PackedFilters.of(weight, options.groups(3), 8, 9),
                    ShapeException.class,
                    "conv2d: 4 output channels don't part into 3 groups: weight [4, 3, 3, 3]");
            check(
                    () -> PackedFilters.of(scope.ofInts(1), options, 8, 9),
                    ArgumentException.class,
                    "PackedFilters.of: weight must be float32, got int32 [1]; convert with"
                            + " toFloat()");
            String need = "PackedFilters.conv2d: x must be [N, 3, 8, 9], got ";
            String way =
                    ", for weight [4, 3, 3, 3]; pack the weight once more for images of another"
                            + " size";
            for (Shape other :
                    new Shape[] {
                        Shape.of(2, 3, 9, 9),
                        Shape.of(2, 3, 8, 8),
                        Shape.of(2, 4, 8, 9),
                        Shape.of(3, 8, 9)
                    }) {
                check(
                        () -> filters.conv2d(scope.ones(other), NONE),
                        ShapeException.class,
                        need + other + way);
            }
            check(
                    () -> filters.conv2d(x, scope.ones(Shape.of(3)), NONE),
                    ShapeException.class,
                    "PackedFilters.conv2d: bias must be [4], got [3], for weight [4, 3, 3, 3]");
            check(
                    () -> filters.conv2d(x, NONE, scope.ones(Shape.of(2, 4, 6, 7))),
                    ShapeException.class,
                    "PackedFilters.conv2d: out must be [2, 4, 8, 9], got [2, 4, 6, 7]");
            var back = ConvTranspose2dOptions.of(2, 1, 1);
            var transposed = PackedTransposedFilters.of(weight, back, 4, 4);
            check(
                    () -> transposed.convTranspose2d(x, NONE),
                    ShapeException.class,
                    "PackedTransposedFilters.convTranspose2d: x must be [N, 4, 4, 4], got"
                            + " [2, 3, 8, 9]"
                            + way);
            check(
                    () ->
                            transposed.convTranspose2d(
                                    scope.ones(Shape.of(1, 4, 4, 4)),
                                    scope.ones(Shape.of(4)),
                                    NONE),
                    ShapeException.class,
                    "PackedTransposedFilters.convTranspose2d: bias must be [3], got [4], for weight"
                            + " [4, 3, 3, 3]");
        }
    }

    private static void check(
            ThrowingCallable call, Class<? extends Exception> type, String message) {
        assertThatThrownBy(call).isInstanceOf(type).hasMessage(message);
    }
}
