using System.Text;

namespace SalesforceBridge.Testing.OutboundMessages;

/// <summary>An outbound message as an org sends it, to begin from and to change.</summary>
public sealed record SoapEnvelope(params IReadOnlyList<string> Notifications)
{
    public const string OrgId = "00D7F00000107XsUAI";

    public const string OtherOrgId = "00D7F00000107XtUAI";

    /// <summary>Before the envelope, such as a declaration or a document type.</summary>
    public string Prolog { get; init; } = """<?xml version="1.0" encoding="UTF-8"?>""" + "\n";

    /// <summary>What stands before the notifications.</summary>
    public string Header { get; init; } = HeaderOf(OrgId);

    /// <summary>What else is in the envelope, before its body.</summary>
    public string SoapHeader { get; init; } = "";

    /// <summary>One won opportunity.</summary>
    public static SoapEnvelope Simple => new(Opportunity("04l7F000008aeAyQAI"));

    public static string HeaderOf(string organizationId) => $"""
          <OrganizationId>{organizationId}</OrganizationId>
           <ActionId>04k7F0000008V3hQAE</ActionId>
           <SessionId xsi:nil="true"/>
           <EnterpriseUrl>https://ap5.example.com/services/Soap/c/47.0/00D7F00000107Xs</EnterpriseUrl>
           <PartnerUrl>https://ap5.example.com/services/Soap/u/47.0/00D7F00000107Xs</PartnerUrl>
        """;

    /// <summary>A notification of an opportunity.</summary>
    /// <param name="id">The notification's id.</param>
    /// <param name="fields">The fields after the record's id, prefixed with <c>sf</c>.</param>
    public static string Opportunity(
        string id, string fields = "<sf:Amount>120000.0</sf:Amount><sf:CloseDate>2017-04-03</sf:CloseDate><sf:Name>Express Logistics SLA</sf:Name>") =>
        Notification(id, "sf:Opportunity", $"<sf:Id>0067F000003pmdWQAQ</sf:Id>{fields}");

    /// <summary>A notification of any object.</summary>
    public static string Notification(string id, string type, string fields) => $"""
         <Notification>
            <Id>{id}</Id>
            <sObject xsi:type="{type}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">{fields}</sObject>
           </Notification>
        """;

    /// <summary>So many notifications, each with an id of its own.</summary>
    public static SoapEnvelope OfMany(int count) => new([.. Enumerable.Range(0, count).Select(n => Opportunity($"04l{n:000000000000000}"))]);

    public byte[] Bytes => Encoding.UTF8.GetBytes(ToString());

    /// <inheritdoc/>
    public override string ToString() => $"""
        {Prolog}<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
         {SoapHeader}<soapenv:Body>
          <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
         {Header}
          {string.Concat(Notifications)}
          </notifications>
         </soapenv:Body>
        </soapenv:Envelope>
        """;
}
