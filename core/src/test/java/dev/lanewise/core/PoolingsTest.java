package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.testing.Draw;
import dev.lanewise.core.testing.NoLeaks;
import dev.lanewise.core.testing.Property;
import dev.lanewise.kernels.Pool2dShape;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.ArrayList;
import java.util.List;

@ExtendWith(NoLeaks.class)
class PoolingsTest {

    private static Pool2dShape draw(Draw draw) {
        int kernelHeight = draw.between(1, 4);
        int kernelWidth = draw.between(1, 4);
        return new Pool2dShape(
                kernelHeight + draw.between(0, 9),
                kernelWidth + draw.between(0, 20),
                kernelHeight,
                kernelWidth,
                draw.between(1, 3),
                draw.between(1, 3),
                draw.between(0, kernelHeight / 2),
                draw.between(0, kernelHeight / 2),
                draw.between(0, kernelWidth / 2),
                draw.between(0, kernelWidth / 2));
    }

    /** The places in the plane that a window covers. */
    private static List<Integer> window(Pool2dShape s, long y, long x) {
        List<Integer> places = new ArrayList<>();
        for (int r = 0; r < s.kernelHeight(); r++) {
            for (int q = 0; q < s.kernelWidth(); q++) {
                long row = y * s.strideHeight() - s.padTop() + r;
                long column = x * s.strideWidth() - s.padLeft() + q;
                if (row >= 0 && row < s.inHeight() && column >= 0 && column < s.inWidth()) {
                    places.add((int) (row * s.inWidth() + column));
                }
            }
        }
        return places;
    }

    @Test
    void maximaPlacesAndGradients() {
        Property.check(
                250,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Pool2dShape s = draw(draw);
                        int n = draw.between(0, 2);
                        int c = draw.between(1, 3);
                        Tensor x = Nd.wholes(draw, Shape.of(n, c, s.inHeight(), s.inWidth()), 4);
                        Shape shape = Shape.of(n, c, s.outHeight(), s.outWidth());
                        Tensor dOut = Nd.wholes(draw, shape, 4);
                        Nd in = Nd.of(x);
                        Nd g = Nd.of(dOut);
                        Nd max = Nd.empty(shape.toArray());
                        Nd at = Nd.empty(shape.toArray());
                        Nd dx = Nd.empty(in.sizes());
                        int plane = s.inHeight() * s.inWidth();
                        for (int i = 0; i < max.values().length; i++) {
                            long[] index = max.index(i);
                            int first = (int) (index[0] * c + index[1]) * plane;
                            int best = -1;
                            for (int place : window(s, index[2], index[3])) {
                                if (best < 0
                                        || in.values()[first + place] > in.values()[first + best]) {
                                    best = place;
                                }
                            }
                            max.values()[i] = in.values()[first + best];
                            at.values()[i] = best;
                            dx.values()[first + best] += g.values()[i];
                        }
                        max.check(Poolings.maxPool(x, s));
                        Poolings.MaxPooled pooled = Poolings.maxPoolWithIndices(x, s);
                        max.check(pooled.output());
                        at.check(pooled.indices());
                        dx.check(Poolings.maxPoolGradient(dOut, pooled.indices(), s));
                        max.check(Poolings.gatherPlanes(x, pooled.indices(), s));
                        Tensor out = Nd.layOut(draw, shape, ElementType.FLOAT32);
                        Tensor places = Nd.layOut(draw, shape, ElementType.INT32);
                        max.check(Poolings.maxPoolWithIndices(x, s, places, out));
                        at.check(places);
                        max.check(Poolings.maxPool(x, s, out));
                    }
                });
    }

    @Test
    void meansAndGradients() {
        Property.check(
                250,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Pool2dShape s = draw(draw);
                        boolean count = draw.flip();
                        Tensor x = Nd.wholes(draw, Shape.of(2, 3, s.inHeight(), s.inWidth()), 9);
                        Shape shape = Shape.of(2, 3, s.outHeight(), s.outWidth());
                        Tensor dOut = Nd.wholes(draw, shape, 9);
                        Nd in = Nd.of(x);
                        Nd out = Nd.empty(shape.toArray());
                        Nd dx = Nd.empty(in.sizes());
                        int plane = s.inHeight() * s.inWidth();
                        for (int i = 0; i < out.values().length; i++) {
                            long[] index = out.index(i);
                            int first = (int) (index[0] * 3 + index[1]) * plane;
                            List<Integer> window = window(s, index[2], index[3]);
                            int size = count ? s.kernelHeight() * s.kernelWidth() : window.size();
                            for (int place : window) {
                                out.values()[i] += in.values()[first + place] / size;
                                dx.values()[first + place] += Nd.of(dOut).values()[i] / size;
                            }
                        }
                        out.check(Poolings.averagePool(x, s, count), 1e-6, 1e-6);
                        dx.check(Poolings.averagePoolGradient(dOut, s, count), 2e-6, 2e-6);
                        Tensor into = Nd.layOut(draw, shape, ElementType.FLOAT32);
                        out.check(Poolings.averagePool(x, s, count, into), 1e-6, 1e-6);
                    }
                });
    }

    @Test
    void threadsDoNotChangeBits() {
        Pool2dShape s = Pool2dShape.of(60, 61, 3, 2);
        try (Scope scope = Scope.open()) {
            Tensor x = scope.arange(8 * 16 * 60 * 61).sin().reshape(8, 16, 60, 61);
            Tensor max = Poolings.maxPool(x, s);
            Tensor mean = Poolings.averagePool(x, s, true);
            try (var _ = Workers.using(2)) {
                assertThat(Poolings.maxPool(x, s).contentEquals(max)).isTrue();
                assertThat(Poolings.averagePool(x, s, true).contentEquals(mean)).isTrue();
            }
        }
    }

    @Test
    void errors() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.zeros(Shape.of(1, 2, 8, 8));
            assertThatThrownBy(() -> Poolings.maxPool(x, Pool2dShape.of(8, 9, 2, 2)))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage("maxPool: x must be [N, C, 8, 9], got [1, 2, 8, 8]");
            assertThatThrownBy(() -> Poolings.maxPool(x, Pool2dShape.of(8, 8, 2, 0)))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageStartingWith("maxPool: window and stride must be positive");
            assertThatThrownBy(
                            () ->
                                    Poolings.averagePool(
                                            x, new Pool2dShape(8, 8, 3, 3, 1, 1, 2, 0, 0, 0), true))
                    .isInstanceOf(ArgumentException.class);
        }
    }
}
