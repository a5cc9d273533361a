
namespace SalesforceBridge.Messaging.Tests.Routes;

public sealed class RouteActionTests
{
    [Theory]
    [InlineData("publish Order_Placed__e", DeliveryVerb.Publish, "publish Order_Placed__e", WhenInDoubt.Repeat)]
    [InlineData("create  Order__c", DeliveryVerb.Create, "create Order__c", WhenInDoubt.Park)]
    [InlineData("Update Order__c", DeliveryVerb.Update, "update Order__c", WhenInDoubt.Repeat)]
    [InlineData("upsert Order__c by Number__c", DeliveryVerb.Upsert, "upsert Order__c by Number__c", WhenInDoubt.Repeat)]
    [InlineData("delete Order__c", DeliveryVerb.Delete, "delete Order__c", WhenInDoubt.Repeat)]
    [InlineData("invoke flow Notify_Owner", DeliveryVerb.Invoke, "invoke flow Notify_Owner", WhenInDoubt.Park)]
    [InlineData("invoke action chatterPost", DeliveryVerb.Invoke, "invoke action chatterPost", WhenInDoubt.Park)]
    [InlineData("invoke apex Scoring", DeliveryVerb.Invoke, "invoke apex Scoring", WhenInDoubt.Park)]
    [InlineData("submit Order__c for approval", DeliveryVerb.Submit, "submit Order__c for approval", WhenInDoubt.Park)]
    [InlineData("request mule-orders", DeliveryVerb.Request, "request mule-orders", WhenInDoubt.Park)]
    public void A_delivery_has_a_canonical_destination(string text, DeliveryVerb verb, string destination, WhenInDoubt whenInDoubt)
    {
        var action = RouteAction.Parse(text);

        action.ShouldBe(new RouteAction.Deliver(destination, verb));
        action.ToString().ShouldBe(destination);
        action.DefaultWhenInDoubt.ShouldBe(whenInDoubt);
    }

    [Fact]
    public void A_route_executes_unless_it_says_otherwise()
    {
        RouteAction.Parse("").ShouldBe(new RouteAction.Execute(OncePerBatch: false));
        RouteAction.Parse("execute").ShouldBe(new RouteAction.Execute(OncePerBatch: false));
        RouteAction.Parse("reply").ShouldBe(new RouteAction.Reply());
    }

    [Theory]
    [InlineData("updat Order__c", "did you mean `update`?")]
    [InlineData("frobnicate", "write one of execute, publish")]
    [InlineData("update", "`update` is not how `update` is written")]
    [InlineData("publish Order", "`publish Order` is not how")]
    [InlineData("upsert Order__c", "`upsert X by Ext__c`")]
    [InlineData("update Order__c; drop", "is not how `update` is written")]
    [InlineData("execute twice", "is not how `execute` is written")]
    public void A_text_that_names_no_action_says_what_to_write(string text, string advice) =>
        Should.Throw<FormatException>(() => RouteAction.Parse(text)).Message.ShouldContain(advice);
}
