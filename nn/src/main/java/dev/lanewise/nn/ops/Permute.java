package dev.lanewise.nn.ops;

import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.ViewOperation;

import java.util.Arrays;
import java.util.List;

/**
 * y's axis i is x's axis {@code axes[i]}; dx is dy with the axes back in their places.
 *
 * @param axes each axis of x once, from 0 to rank − 1
 */
public record Permute(List<Integer> axes) implements ViewOperation {

    /** Copies the list. */
    public Permute {
        axes = List.copyOf(axes);
    }

    @Override
    public String name() {
        return "permute";
    }

    @Override
    public Shape outputShape(Shape input) {
        Checks.require(
                input.rank() == axes.size(),
                "permute: needs " + input.rank() + " axes, got " + axes + ": " + input);
        long[] sizes = new long[axes.size()];
        Arrays.setAll(sizes, i -> input.size(axes.get(i)));
        return Shape.of(sizes);
    }

    @Override
    public Tensor view(Tensor input) {
        return input.permute(axes.stream().mapToInt(Integer::intValue).toArray());
    }

    @Override
    public void gradient(Backward backward) {
        Integer[] inverse = new Integer[axes.size()];
        for (int i = 0; i < inverse.length; i++) {
            inverse[axes.get(i)] = i;
        }
        backward.give(0, new Permute(List.of(inverse)), backward.outputGradient());
    }
}
